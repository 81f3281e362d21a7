/** How long runs and their steps take, from jobs that have ended. Pure, apart from loading. */
import { request } from '../api/request.ts';
import { RunsDocument, type RunsQuery } from '../generated/graphql.ts';
import { isBatch } from './job-view.ts';

export type Runs = RunsQuery['jobs'];
type Run = Runs['edges'][number]['node'];

/** Runs considered per workflow: one page of the API. */
export const MAX_RUNS = 100;
const HOUR_MS = 3_600_000;

/** Seconds: the median, and the bounds of the middle 80 % (the 10th and 90th percentiles). */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface WorkflowStatistics {
  readonly workflow: string;
  readonly runs: number;
  readonly whole: Spread;
  /** The time from creation to start. */
  readonly wait: Spread;
  /** In the order in which they run. */
  readonly steps: readonly { readonly name: string; readonly time: Spread }[];
  readonly lastHour: Count;
  readonly lastDay: Count;
}

/** `atLeast`: there were more than were considered. */
interface Count {
  readonly count: number;
  readonly atLeast: boolean;
}

/** The newest runs of a workflow. @throws RequestError */
export async function loadRuns(projectId: string, workflow: string, signal: AbortSignal): Promise<Runs> {
  return (await request(RunsDocument, { projectId, workflow, first: MAX_RUNS }, signal)).jobs;
}

/** @returns null when nothing has ended yet */
export function summarise(workflow: string, loaded: Runs, now: number): WorkflowStatistics | null {
  // A batch's time is that of its items and of what was queued before them.
  const ended = loaded.edges.map(({ node }) => node).filter((run) => !isBatch(run));
  // A retried run waited in between, and did some steps in an earlier attempt.
  const runs = ended.filter(({ attempt }) => attempt === 1);
  const whole = spreadOf(runs.map((run) => secondsBetween(run.startedAt, run.finishedAt)));
  const wait = spreadOf(runs.map((run) => secondsBetween(run.createdAt, run.startedAt)));
  const [newest] = runs;
  if (whole === null || wait === null || newest === undefined) return null;
  const steps = newest.steps.flatMap(({ name }) => {
    const time = spreadOf(runs.map((run) => stepSeconds(run, name)));
    return time === null ? [] : [{ name, time }];
  });
  const since = (from: number): Count => countSince(ended, now - from, loaded.pageInfo.hasNextPage);
  return {
    ...{ workflow, runs: runs.length, whole, wait, steps },
    ...{ lastHour: since(HOUR_MS), lastDay: since(24 * HOUR_MS) },
  };
}

function stepSeconds(run: Run, name: string): number | null {
  const step = run.steps.find((other) => other.name === name);
  return step === undefined ? null : secondsBetween(step.startedAt, step.finishedAt);
}

function secondsBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** By nearest rank; unknown values are omitted. @returns null when nothing is known */
export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const sorted = values.filter((value) => value !== null).sort((one, other) => one - other);
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { low: at(0.1), median: at(0.5), high: at(0.9) };
}

function countSince(runs: readonly Run[], since: number, hasMore: boolean): Count {
  const count = runs.filter(
    ({ finishedAt }) => finishedAt !== null && Date.parse(finishedAt) >= since,
  ).length;
  // Runs are in order of creation: if even the oldest one counts, there may be others before it.
  return { count, atLeast: hasMore && count > 0 && count === runs.length };
}
