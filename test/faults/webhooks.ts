/**
 * SIGKILL of a random webhook sender or Redis, repeatedly, while jobs end and the receiver is slow, rude or away. Afterwards
 * every ending must have been accepted, each under one id; for each job, the first ending to arrive must be the first that
 * happened, and all must be signed. A round is an ending.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '../../src/core/clock.ts';
import { queuedEvent } from '../../src/jobs/job-events.ts';
import type { AppendMode } from '../../src/log/append.ts';
import { EventLog } from '../../src/log/log.ts';
import type { JobEvent } from '../../src/progress/events.ts';
import { begunJob, endedJob, type JobState, newJob, requeuedJob } from '../../src/progress/state.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { WebhookCommands } from '../../src/webhooks/commands.ts';
import { WebhookStore } from '../../src/webhooks/webhook-store.ts';
import { until } from '../setup/deadline.ts';
import { tableOf } from '../setup/workflows.ts';
import type { FaultOptions } from './kit/fault.ts';
import { type Random, seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis, Member } from './kit/stack.ts';

const PROJECT = 'webhooks';
/** The number of endings between two kills. */
const PER_KILL = 20;
const SETTLE_LIMIT_MS = 300_000;

export async function webhooks({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const server = await FaultyRedis.launch();
  const redis = connectRedis(server.url, () => {});
  const keys = createKeys();
  const log = new EventLog(redis, keys);
  const receiver = await RudeReceiver.start(random);
  const module = new URL('./kit/webhook-sender.ts', import.meta.url);
  const env = { REDIS_URL: server.url, PLAYHEAD_LOG_LEVEL: 'fatal' };
  const senders = [new Member('sender 1', module, env), new Member('sender 2', module, env)] as const;
  const killed = { senders: 0, redis: 0 };
  try {
    await Promise.all(senders.map((sender) => sender.start()));
    const commands = new WebhookCommands({
      ...{ log, clock: systemClock, policy: { allowsPrivate: true } },
      store: new WebhookStore(redis, keys),
    });
    const { secret, webhook } = await commands.create({ projectId: PROJECT, url: receiver.url });
    receiver.secret = secret;
    const writer = new EndingWriter(log, random);
    while (writer.endings.length < rounds) {
      // The kill happens while jobs end.
      const strike = strikeOne(random, { senders, server, killed, receiver });
      const upTo = Math.min(rounds, writer.endings.length + PER_KILL);
      while (writer.endings.length < upTo) await writer.endOne(rounds);
      await strike;
    }
    receiver.isRude = false;
    const anomalies: string[] = [];
    const began = performance.now();
    await until(() => writer.endings.every((ending) => receiver.accepted.has(ending)), {
      ...{ timeoutMs: SETTLE_LIMIT_MS, everyMs: 200, what: 'every ending is delivered' },
    }).catch((error: unknown) => anomalies.push(String(error)));
    const settled = performance.now() - began;
    anomalies.push(...receiver.anomalies, ...check(writer.endings, receiver));
    const [state] = await commands.list(PROJECT);
    if (state?.id !== webhook.id || state.disabledReason !== null) anomalies.push('the webhook was disabled');
    const counts = {
      ...{ endings: writer.endings.length, requests: receiver.requests, 'ms to settle': Math.round(settled) },
      ...{ 'killed senders': killed.senders, 'killed redis': killed.redis },
    };
    return { fault: 'SIGKILL of a sender of webhooks or Redis', rounds, anomalies, recoveryMs: [], counts };
  } finally {
    await Promise.all(senders.map((sender) => sender.end('SIGKILL')));
    await receiver.close();
    await closeRedis(redis);
    await server.remove();
  }
}

interface Struck {
  readonly senders: readonly [Member, Member];
  readonly server: FaultyRedis;
  readonly killed: { senders: number; redis: number };
  readonly receiver: RudeReceiver;
}

async function strikeOne(random: Random, { senders, server, killed, receiver }: Struck): Promise<void> {
  const kind = random.pick(['sender', 'sender', 'redis', 'receiver']);
  if (kind === 'redis') {
    killed.redis += 1;
    await server.kill();
    await server.start();
  } else if (kind === 'receiver') {
    await receiver.restart();
  } else {
    killed.senders += 1;
    const victim = random.pick([senders[0], senders[1]]);
    await victim.end('SIGKILL');
    await victim.start();
  }
}

/** Checks that every ending came under one id, no id was used for two, and those of a job came in order. */
function check(endings: readonly string[], { accepted, ids }: RudeReceiver): readonly string[] {
  const anomalies: string[] = [];
  const order = [...accepted];
  const owners = new Map<string, string>();
  for (const ending of endings) {
    const found = [...(ids.get(ending) ?? [])];
    if (found.length !== 1) anomalies.push(`${ending} came under ${found.length} ids`);
    for (const id of found) {
      const owner = owners.get(id);
      if (owner !== undefined) anomalies.push(`${id} is of ${owner} and of ${ending}`);
      owners.set(id, ending);
    }
    const second = ending.replace(/#1$/, '#2');
    if (second !== ending && accepted.has(second) && order.indexOf(second) < order.indexOf(ending)) {
      anomalies.push(`${second} was accepted before ${ending}`);
    }
  }
  for (const known of ids.keys()) if (!endings.includes(known)) anomalies.push(`${known} never happened`);
  return anomalies;
}

/** Makes jobs end: most once, while some fail first and are retried. */
class EndingWriter {
  /** `jobId#number` of each ending. */
  readonly endings: string[] = [];
  readonly #log: EventLog;
  readonly #random: Random;

  constructor(log: EventLog, random: Random) {
    this.#log = log;
    this.#random = random;
  }

  async endOne(limit: number): Promise<void> {
    const now = Date.now();
    const created = newJob({
      ...{ id: randomUUID(), projectId: PROJECT, workflow: 'WRITER', taskName: 'script_writing' },
      ...{ table: tableOf('WRITER'), maxAttempts: 1, createdAt: now },
    });
    await this.#append('create', created, queuedEvent(created, now));
    const failsFirst = this.#random.below(4) === 0 && this.endings.length + 2 <= limit;
    const ended = await this.#run(created, failsFirst);
    this.endings.push(`${created.id}#1`);
    if (!failsFirst) return;
    const again = requeuedJob(ended);
    await this.#append('retry', again, queuedEvent(again, now));
    await this.#run(again, false);
    this.endings.push(`${created.id}#2`);
  }

  async #run(queued: JobState, fails: boolean): Promise<JobState> {
    const now = Date.now();
    const begun = begunJob(queued, queued.attempt, now);
    await this.#append('begin', begun, { ...queuedEvent(begun, now), status: 'processing' });
    const { attempt, id, projectId, taskName, workflow } = begun;
    const about = {
      projectId,
      jobId: id,
      workflow,
      taskName,
      attempt,
      timestamp: new Date(now).toISOString(),
    };
    const event: JobEvent = fails
      ? {
          ...{ type: 'ErrorEvent', ...about, error: 'It failed', code: 'PROVIDER_FAILED' },
          ...{ details: null, willRetry: false, retryAfterSeconds: null },
        }
      : { type: 'CompletionEvent', ...about, result: { type: 'ScriptResult', text: id } };
    const ended = endedJob(begun, event, now);
    await this.#append('end', ended, event);
    return ended;
  }

  async #append(mode: AppendMode, state: JobState, event: JobEvent): Promise<void> {
    const { code } = await this.#log.append({ mode, state, event, writeId: newWriteId() });
    if (code !== 'OK' && code !== 'DUP')
      throw new Error(`expected ${mode} of ${state.id} to be written: ${code}`);
  }
}

interface Told {
  readonly data: { readonly job: { readonly id: string; readonly attempt: number } };
}

/** Refuses, hangs up, or is slow, one time in ten; does not answer at all while it is away. */
class RudeReceiver {
  /** The endings answered with 204, in that order. */
  readonly accepted = new Set<string>();
  /** The ids under which each ending arrived. */
  readonly ids = new Map<string, Set<string>>();
  readonly anomalies: string[] = [];
  requests = 0;
  isRude = true;
  secret = '';
  readonly #random: Random;
  #server: Server;
  #port = 0;

  private constructor(random: Random) {
    this.#random = random;
    this.#server = this.#create();
  }

  static async start(random: Random): Promise<RudeReceiver> {
    const receiver = new RudeReceiver(random);
    await receiver.#listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async restart(): Promise<void> {
    await this.close();
    this.#server = this.#create();
    await this.#listen();
  }

  #create(): Server {
    return createServer((request, response) => {
      this.#take(request, response).catch(() => response.destroy());
    });
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.requests += 1;
    const text = Buffer.concat(chunks).toString('utf8');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const told = this.#verify(text, headers);
    if (told === null) return void response.writeHead(400).end();
    const { attempt, id } = told.data.job;
    const ending = `${id}#${attempt}`;
    const known = this.ids.get(ending) ?? new Set();
    this.ids.set(ending, known.add(headers['webhook-id'] ?? ''));
    const whim = this.isRude ? this.#random.below(30) : 30;
    if (whim === 0) return void response.writeHead(500).end();
    if (whim === 1) return void response.destroy();
    if (whim === 2) await new Promise((resolve) => setTimeout(resolve, 100));
    this.accepted.add(ending);
    response.writeHead(204).end();
  }

  #verify(text: string, headers: Record<string, string>): Told | null {
    try {
      return new Webhook(this.secret).verify(text, headers) as Told;
    } catch (error) {
      this.anomalies.push(`a message that is not signed: ${String(error)}`);
      return null;
    }
  }
}
