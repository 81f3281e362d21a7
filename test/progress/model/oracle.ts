/**
 * The event path as a plain value in memory: what a write may answer, what the log then holds, and what each subscriber
 * may see of it. Pure. Times, network and processes do not exist here; where they let two outcomes stand, both are kept.
 */

import { createHash } from 'node:crypto';
import type { AppendCommand, AppendMode, AppendOutcome } from '../../../src/log/append.ts';
import type { JobEvent } from '../../../src/progress/events.ts';
import { hasEnded, type JobState } from '../../../src/progress/state.ts';

/** An event that was in the log once. Two are the same when their whole histories are: `chain` says so. */
export interface Known {
  readonly seq: number;
  readonly chain: string;
  /** What tells the event apart in what a subscriber receives. */
  readonly mark: string;
  readonly jobId: string;
  readonly isEnding: boolean;
}

interface JobModel {
  readonly state: JobState;
  readonly fence: number;
  readonly begun: number;
  /** Ids of the last writes, newest first. */
  readonly recent: readonly string[];
  readonly last: Known;
}

/** One history of a project. */
export interface World {
  /** 0 until the first event after a flush. */
  readonly epoch: number;
  readonly events: readonly Known[];
  /** Least seq that the log still holds. */
  readonly floor: number;
  readonly jobs: ReadonlyMap<string, JobModel>;
  readonly idempotency: ReadonlyMap<string, string>;
}

export const NOTHING: World = {
  epoch: 0,
  events: [],
  floor: 1,
  jobs: new Map(),
  idempotency: new Map(),
};

/** More than any repeat reaches back, fewer than the script keeps. */
const RECENT = 12;

/** Whether the world's history goes through this event. */
export function holds(world: World, event: Known): boolean {
  return world.events[event.seq - 1]?.chain === event.chain;
}

/** What the script must answer, and the world as it leaves it. */
export function write(
  world: World,
  command: AppendCommand,
  newEpoch: number,
): { readonly code: AppendOutcome['code']; readonly world: World } {
  const code = decide(world, command);
  return { code, world: code === 'OK' ? accept(world, command, newEpoch) : world };
}

function decide(world: World, command: AppendCommand): AppendOutcome['code'] {
  const job = world.jobs.get(command.state.id);
  if (job?.recent.includes(command.writeId)) return 'DUP';
  if (command.mode === 'create')
    return job !== undefined || isTaken(world, command.idempotencyKey) ? 'EXISTS' : 'OK';
  return job === undefined ? 'GONE' : decideFor(job, command.mode, command.state);
}

function isTaken({ idempotency, jobs }: World, key = ''): boolean {
  return jobs.has(idempotency.get(key) ?? '');
}

function decideFor(job: JobModel, mode: AppendMode, { attempt, queueId }: JobState): AppendOutcome['code'] {
  const { status, attempt: seen } = job.state;
  const refused = (ok: boolean, code: 'STALE' | 'FENCED') => (ok ? 'OK' : code);
  if (mode === 'retry') {
    return refused((status === 'FAILED' || status === 'CANCELLED') && attempt === seen + 1, 'STALE');
  }
  if (hasEnded(status)) return 'ENDED';
  if (mode === 'close') return refused(attempt === seen, 'STALE');
  if (mode === 'begin') {
    const own = queueId === job.state.queueId;
    return refused(own && attempt >= job.fence && attempt > job.begun, 'FENCED');
  }
  return refused(attempt === job.fence && attempt === job.begun, 'FENCED');
}

function accept(world: World, command: AppendCommand, newEpoch: number): World {
  const { mode, state, writeId, event } = command;
  const epoch = world.epoch || newEpoch;
  const before = world.events.at(-1)?.chain ?? String(epoch);
  const last: Known = {
    seq: world.events.length + 1,
    chain: createHash('sha1').update(`${before} ${writeId}`).digest('hex'),
    mark: markOf(event),
    jobId: state.id,
    isEnding: event.type === 'CompletionEvent' || (event.type === 'ErrorEvent' && !event.willRetry),
  };
  const old = world.jobs.get(state.id);
  const job: JobModel = {
    state: mode === 'close' && old !== undefined ? closed(old.state, state) : state,
    ...fences(mode, state.attempt, old),
    recent: [writeId, ...(old?.recent ?? [])].slice(0, RECENT),
    last,
  };
  const key = mode === 'create' ? command.idempotencyKey : undefined;
  return {
    ...world,
    epoch,
    events: [...world.events, last],
    jobs: new Map(world.jobs).set(state.id, job),
    idempotency: key === undefined ? world.idempotency : new Map(world.idempotency).set(key, state.id),
  };
}

function fences(
  mode: AppendMode,
  attempt: number,
  old: JobModel | undefined,
): Pick<JobModel, 'fence' | 'begun'> {
  const { fence, begun } = old ?? { fence: 1, begun: 0 };
  if (mode === 'begin') return { fence: attempt, begun: attempt };
  if (mode === 'release') return { fence: attempt + 1, begun };
  return { fence: mode === 'retry' ? attempt : fence, begun };
}

/** An ending from outside leaves progress and step as the attempt left them. */
function closed(state: JobState, { status, message, error, result, finishedAt }: JobState): JobState {
  return { ...state, status, message, error, result, finishedAt };
}

/** Every event of the test says who it is. */
export function markOf(event: JobEvent): string {
  switch (event.type) {
    case 'ProgressEvent':
      return event.message;
    case 'ErrorEvent':
      return event.error;
    case 'CompletionEvent':
      return String(event.result);
  }
}
