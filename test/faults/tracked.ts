/**
 * SIGKILL of a random worker, API process or Redis while tasks elsewhere report tracked jobs over HTTP: with reports that are
 * repeated until they are answered, sent twice, late and out of order; retries by their queue; two processes with one job. Then
 * tasks fall silent. Every job must have ended once, as its last holder reported; a silent one in time, as WORKER_LOST.
 */
import { pause } from '../../src/core/pause.ts';
import { EventLog } from '../../src/log/log.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { type Anomalies, checkLog } from './kit/checker.ts';
import { post } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { type Random, seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { type Stack, startStack } from './kit/stack.ts';

const PROJECT = 'tracked';
/** The number of tasks that are always under way. */
const LOAD = 6;
const SILENT = 3;
const LEASE_SECONDS = 5;
/** Longer than any outage of the test. */
const LOAD_LEASE_SECONDS = 300;
/** What docs/protocol.md promises beyond the lease. */
const LOST_WITHIN_MS = 10_000;
const ANSWER_LIMIT_MS = 60_000;

const TRACK = `mutation ($input: TrackJobInput!) { trackJob(input: $input) { attempt lease job { id } } }`;
const REPORT = `mutation ($input: ReportProgressInput!) { reportProgress(input: $input) { accepted stop } }`;
const FAIL = `mutation ($input: ReportErrorInput!) { reportError(input: $input) { accepted stop } }`;
const COMPLETE = `mutation ($input: ReportCompletionInput!) { reportCompletion(input: $input) { accepted stop } }`;

interface Begun {
  readonly attempt: number;
  readonly lease: string;
  readonly job: { readonly id: string };
}

interface Receipt {
  readonly accepted: boolean;
  readonly stop: string | null;
}

/** A job in the state in which its task has left it. */
interface Left {
  readonly jobId: string;
  readonly attempt: number;
  readonly how: 'CompletionEvent' | 'ErrorEvent';
}

export async function tracked({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const stack = await startStack();
  const redis = connectRedis(stack.redis.url, () => {});
  const log = new EventLog(redis, createKeys());
  const tasks = new Tasks(stack, random);
  const recoveryMs: number[] = [];
  try {
    tasks.start();
    for (let round = 1; round <= rounds; round += 1) {
      const at = await strike(stack, random);
      await tasks.runOne(`round-${round}`);
      recoveryMs.push(performance.now() - at);
    }
    await tasks.stop();
    const silent = await Promise.all(
      Array.from({ length: SILENT }, (_, at) => tasks.fallSilent(`silent-${at}`)),
    );
    const events = await whenEnded(
      log,
      [...tasks.left, ...silent].map(({ jobId }) => jobId),
    );
    const anomalies: Anomalies = [
      ...tasks.anomalies,
      ...checkLog(
        events,
        [...tasks.left, ...silent].map(({ jobId }) => jobId),
      ),
      ...tasks.left.flatMap((left) => checkEnd(events, left)),
    ];
    for (const one of silent) anomalies.push(...(await checkSilent(tasks, events, one)));
    const counts = {
      jobs: tasks.left.length,
      events: events.length,
      reports: tasks.reports,
      twins: tasks.twins,
    };
    return { fault: 'SIGKILL while tasks report tracked jobs', rounds, anomalies, recoveryMs, counts };
  } finally {
    await tasks.stop();
    await closeRedis(redis);
    await stack.close();
  }
}

async function strike(stack: Stack, random: Random): Promise<number> {
  const at = performance.now();
  const kind = random.pick(['worker', 'api', 'redis', 'redis']);
  if (kind === 'redis') {
    await stack.redis.kill();
    await stack.redis.start();
    return at;
  }
  const victim = random.pick(kind === 'api' ? [...stack.apis] : [...stack.workers]);
  await victim.end('SIGKILL');
  await victim.start();
  return at;
}

async function whenEnded(log: EventLog, jobIds: readonly string[]): Promise<readonly LoggedEvent[]> {
  let events: readonly LoggedEvent[] = [];
  await until(
    async () => {
      events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
      const open = new Set(jobIds);
      for (const { event } of events) {
        if (event.type === 'CompletionEvent' || (event.type === 'ErrorEvent' && !event.willRetry))
          open.delete(event.jobId);
      }
      return open.size === 0;
    },
    { timeoutMs: ANSWER_LIMIT_MS, everyMs: 250, what: 'every job has ended' },
  ).catch(() => {});
  return events;
}

function checkEnd(events: readonly LoggedEvent[], { attempt, how, jobId }: Left): Anomalies {
  const last = events.findLast(({ event }) => event.jobId === jobId)?.event;
  if (last?.type === how && last.attempt === attempt) return [];
  return [`job ${jobId}: expected ${how} of attempt ${attempt}, received ${JSON.stringify(last)}`];
}

interface Silent {
  readonly jobId: string;
  readonly lease: string;
  /** The bounds within which its last report was written, in ms since the epoch. */
  readonly from: number;
  readonly to: number;
}

async function checkSilent(
  tasks: Tasks,
  events: readonly LoggedEvent[],
  { from, jobId, lease, to }: Silent,
): Promise<Anomalies> {
  const last = events.findLast(({ event }) => event.jobId === jobId)?.event;
  if (last?.type !== 'ErrorEvent' || last.code !== 'WORKER_LOST')
    return [`silent job ${jobId}: ended with ${JSON.stringify(last)}`];
  const at = Date.parse(last.timestamp);
  const leaseMs = LEASE_SECONDS * 1_000;
  const anomalies: Anomalies = [];
  if (at < from + leaseMs) anomalies.push(`silent job ${jobId}: lost ${at - from} ms after its last report`);
  if (at > to + leaseMs + LOST_WITHIN_MS)
    anomalies.push(`silent job ${jobId}: lost only ${at - to} ms after its last report`);
  const back = await tasks.send<Receipt>(COMPLETE, 'reportCompletion', { jobId, lease });
  if (back.accepted || back.stop !== 'LOST')
    anomalies.push(`silent job ${jobId}: came back, and was answered with ${JSON.stringify(back)}`);
  return anomalies;
}

/** Processes elsewhere, each with one job after another. */
class Tasks {
  readonly left: Left[] = [];
  readonly anomalies: string[] = [];
  reports = 0;
  twins = 0;
  readonly #stack: Stack;
  readonly #random: Random;
  #running = false;
  #loops: Promise<void>[] = [];
  #count = 0;

  constructor(stack: Stack, random: Random) {
    this.#stack = stack;
    this.#random = random;
  }

  start(): void {
    this.#running = true;
    this.#loops = Array.from({ length: LOAD }, async () => {
      while (this.#running) {
        this.#count += 1;
        await this.runOne(`load-${this.#count}`);
      }
    });
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  /** Runs one job from beginning to end, occasionally with a retry by its queue or a second process. */
  async runOne(externalId: string): Promise<void> {
    let begun = await this.#begin(externalId, 1);
    const { id: jobId } = begun.job;
    await this.#walk(begun, 5);
    const chance = this.#random.below(4);
    if (chance === 0) {
      await this.#expect(true, FAIL, 'reportError', begun, { error: 'again', willRetry: true });
      begun = await this.#begin(externalId, 2);
    } else if (chance === 1) {
      this.twins += 1;
      const twin = await this.#begin(externalId, 2);
      await this.#expect(false, REPORT, 'reportProgress', begun, { progress: 1 });
      await this.#expect(false, COMPLETE, 'reportCompletion', begun, {});
      begun = twin;
    }
    await this.#walk(begun, 10);
    const how = this.#random.below(3) === 0 ? 'ErrorEvent' : 'CompletionEvent';
    // Sent twice, as by a sender that did not receive the answer.
    for (let times = 0; times < 2; times += 1) {
      if (how === 'ErrorEvent') await this.#expect(true, FAIL, 'reportError', begun, { error: 'over' });
      else await this.#expect(true, COMPLETE, 'reportCompletion', begun, { result: externalId });
    }
    await this.#expect(false, REPORT, 'reportProgress', begun, { progress: 1 });
    this.left.push({ jobId, attempt: begun.attempt, how });
  }

  /** Begins a job and reports once. */
  async fallSilent(externalId: string): Promise<Silent> {
    const begun = await this.#begin(externalId, 1, LEASE_SECONDS);
    const from = Date.now();
    await this.#expect(true, REPORT, 'reportProgress', begun, { progress: 0.5 });
    return { jobId: begun.job.id, lease: begun.lease, from, to: Date.now() };
  }

  /** Sends a request until it is answered. */
  async send<T>(query: string, field: string, input: object): Promise<T> {
    const deadline = Date.now() + ANSWER_LIMIT_MS;
    for (let tries = 0; ; tries += 1) {
      const { port } = this.#stack.apis[tries % 2] ?? this.#stack.apis[0];
      try {
        const data = await post<Record<string, T>>(port, query, { input: { projectId: PROJECT, ...input } });
        return data[field] as T;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(50);
      }
    }
  }

  async #begin(externalId: string, expected: number, leaseSeconds = LOAD_LEASE_SECONDS): Promise<Begun> {
    const input = { taskName: 'task', externalId, leaseSeconds, maxAttempts: 1 };
    const named = { ...input, idempotencyKey: `${externalId}-${expected}` };
    const begun = await this.send<Begun>(TRACK, 'trackJob', named);
    if (begun.attempt !== expected)
      this.anomalies.push(`${externalId}: expected attempt ${expected}, received ${begun.attempt}`);
    return begun;
  }

  /** Reports up to `tenths` tenths, some concurrently and so in any order, some twice. */
  async #walk(begun: Begun, tenths: number): Promise<void> {
    for (let tenth = 1; tenth <= tenths; tenth += 2) {
      const told = [tenth, tenth + 1].map((sequence) => ({ sequence, progress: Math.min(1, sequence / 10) }));
      const all = this.#random.below(3) === 0 ? [...told, ...told] : told;
      await Promise.all(all.map((report) => this.#expect(true, REPORT, 'reportProgress', begun, report)));
    }
  }

  async #expect(accepted: boolean, query: string, field: string, begun: Begun, told: object): Promise<void> {
    this.reports += 1;
    const { job, lease } = begun;
    const receipt = await this.send<Receipt>(query, field, { jobId: job.id, lease, ...told });
    if (receipt.accepted === accepted && (accepted || receipt.stop === 'LOST')) return;
    this.anomalies.push(`job ${job.id}: ${field} ${JSON.stringify(told)} gave ${JSON.stringify(receipt)}`);
  }
}
