/** Clients that come, follow a project or a job for a while, and leave: over WebSocket and over event streams. */
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { pause } from '../../src/core/pause.ts';
import type { Random } from '../faults/kit/random.ts';
import type { Heard, Witness } from './witness.ts';

export const LOGIN = {
  secret: 'a-secret-of-the-login-that-is-long-enough',
  issuer: 'https://login.test',
} as const;

const WATCH = `subscription ($projectId: ID!, $jobId: ID, $after: ID, $snapshot: Boolean) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after, snapshot: $snapshot) {
    __typename
    ... on Event { id jobId taskName attempt timestamp }
    ... on ProgressEvent { progress status step message eta { remainingSeconds } }
    ... on ErrorEvent { error code willRetry }
  }
}`;

/** How a stream ended: completed by the server, broken or refused so that it can be resumed, or by its client. */
type End = 'complete' | 'broken' | 'left';

export interface Visit {
  readonly name: string;
  readonly port: number;
  readonly projectId: string;
  /** That job alone, until it has ended. */
  readonly jobId?: string;
  readonly random: Random;
  readonly witness: Witness;
  readonly signal: AbortSignal;
}

/** Aborts after a time, or with another signal. AbortSignal.any and AbortSignal.timeout may be collected before they abort. */
export class Limit {
  readonly #controller = new AbortController();
  readonly #other: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, other: AbortSignal) {
    this.#other = other;
    this.#timer = setTimeout(this.#abort, ms);
    if (other.aborted) this.#abort();
    else other.addEventListener('abort', this.#abort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#other.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();
}

/** A token that runs out while it is used, now and then. */
export function makeToken(projectId: string, seconds: number, scope = 'read'): Promise<string> {
  return new SignJWT({ projects: [projectId], scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(LOGIN.issuer)
    .setAudience('playhead')
    .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
    .sign(new TextEncoder().encode(LOGIN.secret));
}

/** Follows until the signal, through tokens that run out and connections that the client itself breaks. */
export async function follow(visit: Visit): Promise<void> {
  const { projectId, jobId, random, signal, witness } = visit;
  let last: string | null = null;
  let ended = false;
  const onEvent = (event: Heard): void => {
    if (ended) witness.accuse(`${visit.name}: an event behind the last of its job`);
    witness.take(visit.name, projectId, event, last, jobId !== undefined);
    last = event.id;
    ended = jobId !== undefined && (event.__typename === 'CompletionEvent' || event.willRetry === false);
  };
  while (!signal.aborted) {
    const token = await makeToken(projectId, 10 + random.below(50));
    const variables = { projectId, jobId, after: last ?? undefined, snapshot: jobId !== undefined };
    const connect = random.below(2) === 0 ? overWebSocket : overEventStream;
    const cut = new Limit(2_000 + random.below(28_000), signal);
    const end = await connect(visit.port, token, variables, onEvent, cut.signal).finally(() => cut.clear());
    if (end === 'complete' && jobId !== undefined) {
      if (!ended) witness.accuse(`${visit.name}: completed before the last event of its job`);
      return;
    }
    if (end === 'complete') witness.accuse(`${visit.name}: a project's stream completed`);
    await pause(random.below(500), signal).catch(() => {});
  }
}

type Connect = (
  port: number,
  token: string,
  variables: object,
  onEvent: (event: Heard) => void,
  signal: AbortSignal,
) => Promise<End>;

const overWebSocket: Connect = (port, token, variables, onEvent, signal) => {
  const { promise, resolve } = Promise.withResolvers<End>();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  let isLeaving = false;
  socket.on('open', () => send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.type === 'connection_ack') {
      send({ id: '1', type: 'subscribe', payload: { query: WATCH, variables } });
    } else if (message.type === 'next') {
      if (!isLeaving) onEvent(message.payload.data.jobEvents);
    } else if (message.type === 'complete') {
      resolve('complete');
      socket.close();
    } else if (message.type === 'error') {
      socket.close();
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => resolve(signal.aborted ? 'left' : 'broken'));
  const leave = (): void => {
    isLeaving = true;
    // Half of them take leave, half are simply gone.
    if (token.length % 2 === 0 && socket.readyState === socket.OPEN) {
      send({ id: '1', type: 'complete' });
      socket.close();
    } else {
      socket.terminate();
    }
  };
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', leave));
};

interface Message {
  readonly type: string;
  readonly payload: Payload;
}

interface Payload {
  readonly data: { readonly jobEvents: Heard };
}

const overEventStream: Connect = async (port, token, variables, onEvent, signal) => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ query: WATCH, variables }),
      signal,
    });
    if (response.body === null || !response.ok) return 'broken';
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const parts = `${text}${chunk}`.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const end = takePart(part, onEvent);
        if (end !== null) return end;
      }
    }
    return 'broken';
  } catch {
    return signal.aborted ? 'left' : 'broken';
  }
};

/** One event of an event stream. @returns when the stream has ended by it */
function takePart(part: string, onEvent: (event: Heard) => void): End | null {
  const lines = part.split('\n');
  const data = lines
    .find((line) => line.startsWith('data:'))
    ?.slice(5)
    .trim();
  if (lines.includes('event: complete')) return 'complete';
  if (!lines.includes('event: next') || data === undefined) return null;
  const payload = JSON.parse(data) as Partial<Payload>;
  if (payload.data?.jobEvents === undefined) return 'broken';
  onEvent(payload.data.jobEvents);
  return null;
}

/** A request whose client is gone before it is answered, or that asks for a form that no stream has. */
export async function stray(
  port: number,
  projectId: string,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  const token = await makeToken(projectId, 60);
  const accept = random.below(2) === 0 ? 'application/json' : 'text/event-stream';
  const limit = new Limit(1 + random.below(20), signal);
  await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: WATCH, variables: { projectId, snapshot: false } }),
    signal: limit.signal,
  }).then(
    (response) => response.body?.cancel(),
    () => {},
  );
  limit.clear();
}
