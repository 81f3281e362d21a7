/** Clients like those of a frontend: mutations that are repeated, and subscriptions that resume, through graphql-ws. */

import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { pause } from '../../../src/core/pause.ts';
import { decodeCursor } from '../../../src/log/cursor.ts';
import type { Position } from '../../../src/progress/position.ts';
import { until } from '../../setup/deadline.ts';
import type { Random } from './random.ts';
import type { Orders } from './worker.ts';

const WATCH = `subscription ($projectId: ID!, $after: ID, $snapshot: Boolean) {
  jobEvents(projectId: $projectId, after: $after, snapshot: $snapshot) {
    __typename
    ... on Event { id jobId attempt }
    ... on ProgressEvent { message metadata }
    ... on ErrorEvent { code willRetry }
  }
}`;
const WRITE = `mutation ($input: WriteScriptInput!) { writeScript(input: $input) { id } }`;

/** An event as received by a client. */
export interface Received {
  readonly __typename: string;
  readonly id: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly message?: string;
  readonly metadata?: { readonly pid?: number } | null;
  readonly code?: string;
  readonly willRetry?: boolean;
}

/** A stretch of events without a gap: from a start to the next EVENTS_EXPIRED. */
export interface Stretch {
  readonly positions: Position[];
}

export interface ClientTarget {
  readonly projectId: string;
  /** Ports of the API processes, which are tried one after another. */
  readonly ports: () => readonly number[];
  readonly random: Random;
}

/** A subscriber to one project that continues after any failure, until it is closed. */
export class ResumingSubscriber {
  readonly stretches: Stretch[] = [{ positions: [] }];
  /** Number of connections that were lost and re-established. */
  reconnects = 0;
  /** Close codes of established connections. */
  readonly closeCodes: number[] = [];
  /** The jobs that it has received events of. */
  readonly jobIds = new Set<string>();
  onEvent: (event: Received) => void = () => {};
  readonly #target: ClientTarget;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #turn: number;

  constructor(target: ClientTarget) {
    this.#target = target;
    this.#turn = target.random.below(2);
    this.#ended = this.#run();
  }

  get last(): Position | undefined {
    return this.stretches.at(-1)?.positions.at(-1);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let after: string | undefined;
    while (!this.#closing.signal.aborted) {
      const ports = this.#target.ports();
      const port = ports[this.#turn % ports.length];
      const end = await this.#follow(`ws://127.0.0.1:${port}/graphql`, after, (id) => {
        after = id;
      });
      if (this.#closing.signal.aborted) return;
      if (end === 'expired') {
        after = undefined;
        this.stretches.push({ positions: [] });
        continue;
      }
      this.reconnects += 1;
      this.#turn += 1;
      await pause(20 + this.#target.random.next() * 80, this.#closing.signal).catch(() => {});
    }
  }

  /** @returns when the stream has ended, for whatever reason */
  #follow(url: string, after: string | undefined, onId: (id: string) => void): Promise<'expired' | 'broken'> {
    const { promise, resolve } = Promise.withResolvers<'expired' | 'broken'>();
    let isConnected = false;
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: true,
      onNonLazyError: () => {},
      on: {
        connected: () => {
          isConnected = true;
        },
        closed: (event) => {
          if (isConnected) this.closeCodes.push((event as { code: number }).code);
        },
      },
    });
    const variables = { projectId: this.#target.projectId, after, snapshot: false };
    const stop = client.subscribe<{ jobEvents: Received }>(
      { query: WATCH, variables },
      {
        next: ({ data, errors }) => {
          if (errors !== undefined || data == null)
            throw new Error(`expected data, received ${JSON.stringify(errors)}`);
          const event = data.jobEvents;
          onId(event.id);
          this.stretches.at(-1)?.positions.push(decodeCursor(event.id));
          this.jobIds.add(event.jobId);
          this.onEvent(event);
        },
        error: (error) => resolve(codeOf(error) === 'EVENTS_EXPIRED' ? 'expired' : 'broken'),
        complete: () => resolve('broken'),
      },
    );
    this.#closing.signal.addEventListener('abort', () => resolve('broken'), { once: true });
    return promise.finally(() => {
      stop();
      client.terminate();
    });
  }
}

function codeOf(error: unknown): unknown {
  const [first] = Array.isArray(error) ? (error as { extensions?: { code?: unknown } }[]) : [];
  return first?.extensions?.code;
}

/** The outcome of a mutation. */
export interface Sent {
  readonly jobId: string;
  readonly tries: number;
  /** Why earlier tries were not accepted. */
  readonly failures: readonly string[];
}

/**
 * Enqueues a job, repeatedly until an API process accepts it; the idempotency key makes the repeats harmless.
 * @throws Error when none does within `limitMs`; a process that does not answer within `answerMs` has failed
 */
export async function writeScript(
  target: ClientTarget,
  orders: Orders,
  {
    limitMs = 60_000,
    answerMs = 5_000,
    maxAttempts = 3,
  }: { readonly limitMs?: number; readonly answerMs?: number; readonly maxAttempts?: number } = {},
): Promise<Sent> {
  const input = {
    projectId: target.projectId,
    brief: JSON.stringify(orders),
    idempotencyKey: orders.name,
    maxAttempts,
  };
  const deadline = Date.now() + limitMs;
  const failures: string[] = [];
  for (let tries = 1; Date.now() < deadline; tries += 1) {
    const ports = target.ports();
    const port = ports[tries % ports.length];
    try {
      const { id } = await post<{ writeScript: { id: string } }>(port ?? 0, WRITE, { input }, answerMs).then(
        ({ writeScript: job }) => job,
      );
      return { jobId: id, tries, failures };
    } catch (error) {
      failures.push(`port ${port}: ${inWords(error)}`);
      await pause(50);
    }
  }
  throw new Error(`no API process accepted ${orders.name} within ${limitMs} ms: ${failures.at(-1)}`);
}

/**
 * Enqueues small jobs until every subscriber has received an event of one of them. Without `after` a subscription has only
 * what happens from its start, and nothing says when that is; once a subscriber has an event, it misses none.
 * @param name beginning of the jobs' names, of its own for each call
 * @returns the jobs
 */
export async function untilFollowed(
  target: ClientTarget,
  subscribers: readonly ResumingSubscriber[],
  name: string,
): Promise<readonly string[]> {
  const accepted: string[] = [];
  await until(
    async () => {
      accepted.push((await writeScript(target, { name: `${name}-${accepted.length}`, stepMs: 20 })).jobId);
      return subscribers.every(({ jobIds }) => accepted.some((id) => jobIds.has(id)));
    },
    { everyMs: 250, what: `every client hears of the jobs ${name}` },
  );
  return accepted;
}

function inWords(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** Sends one GraphQL request over HTTP. @throws Error with the answer */
export async function post<T>(port: number, query: string, variables: object, limitMs = 5_000): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(limitMs),
  });
  const { data, errors } = (await response.json()) as { data?: T | null; errors?: unknown };
  if (errors !== undefined || data == null) throw new Error(JSON.stringify(errors));
  return data;
}
