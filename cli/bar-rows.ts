/** The content of a board's bars, row by row. Pure. */
import { hasEnded } from '../client/job.ts';
import type { Board } from './board.ts';
import type { Job } from './operations.ts';
import { type BatchCounts, batchCountsOf } from './result.ts';
import { formatOrdinal, formatSeconds, plain } from './text.ts';

export interface BarRow {
  readonly label: string;
  /** 0..1 */
  readonly share: number;
  readonly text: string;
}

/**
 * At most `limit` rows: a job's steps, a batch's items, or a project's jobs.
 * @param now from performance.now(), since the remaining time counts down
 */
export function barRows(board: Board, limit: number, now = performance.now()): readonly BarRow[] {
  const { root } = board;
  if (root === null) return jobRows(board, limit, now);
  const total = {
    label: 'total',
    share: root.progress,
    text: totalText(board.agedAt(root, now), board.isBatch),
  };
  if (!board.isBatch) return [...stepRows(root), total].slice(-limit);
  const items = chooseRows(board.items, limit - 1);
  const rows = items.map((item) => ({ ...rowOf(item), label: `#${board.numberOf(item.id)}` }));
  return [...rows, total];
}

function stepRows({ steps, step, status, progress, message }: Job): readonly BarRow[] {
  const current = steps.findIndex(({ name }) => name === step);
  // A step that is in no table, such as one of a newer worker, is shown below the known ones.
  const isUnknown = step !== null && current === -1;
  const rows = steps.map(({ name, from, to }, index) => {
    const isOver = status === 'COMPLETED' || (isUnknown ? to <= progress : index < current);
    const within = to === from ? 1 : Math.min(1, Math.max(0, (progress - from) / (to - from)));
    const share = isOver ? 1 : index === current ? within : 0;
    return { label: plain(name), share, text: index === current && !isOver ? plain(message ?? '') : '' };
  });
  return isUnknown && !hasEnded({ status })
    ? [...rows, { label: plain(step), share: 0, text: plain(message ?? '') }]
    : rows;
}

function jobRows(board: Board, limit: number, now: number): readonly BarRow[] {
  return chooseRows(board.jobs, limit).map((job) => ({
    share: job.progress,
    text: [stateText(job), leftText(board.agedAt(job, now))].filter(Boolean).join(', '),
    label: `${plain(job.taskName)} ${job.id.slice(-6)}`,
  }));
}

function rowOf(job: Job): BarRow {
  return { label: '', share: job.progress, text: stateText(job) };
}

/** If there is no room for all: the running jobs, then those that ended last, in their order. */
function chooseRows(jobs: readonly Job[], limit: number): readonly Job[] {
  if (jobs.length <= limit) return jobs;
  const byNeed = [
    ...jobs.filter(({ status }) => status === 'RUNNING' || status === 'RETRYING'),
    ...jobs.filter(hasEnded).toReversed(),
    ...jobs.filter(({ status }) => status === 'QUEUED'),
  ];
  const chosen = new Set(byNeed.slice(0, Math.max(1, limit)));
  return jobs.filter((job) => chosen.has(job));
}

/** One line about the state of a job. */
export function stateText({
  attempt,
  error,
  maxAttempts,
  message,
  queuePosition,
  result,
  status,
  step,
}: Job): string {
  switch (status) {
    case 'COMPLETED': {
      const counts = batchCountsOf(result);
      return counts === null ? 'done' : resultCountsText(counts);
    }
    case 'CANCELLED':
      return 'cancelled';
    case 'FAILED':
      return plain(`failed: ${error?.code ?? ''} ${error?.message ?? ''}`);
    case 'RETRYING': {
      const wait = error?.retryAfterSeconds == null ? '' : ` in ${formatSeconds(error.retryAfterSeconds)}`;
      return plain(`attempt ${attempt} of ${maxAttempts} failed, retrying${wait}: ${error?.message ?? ''}`);
    }
    case 'QUEUED':
      return queuePosition === null
        ? plain(message ?? 'waiting')
        : `${formatOrdinal(queuePosition)} in the queue`;
    case 'RUNNING':
      return plain(step === null ? (message ?? '') : `${step}: ${message ?? ''}`);
  }
}

/**
 * `about 40 s left (30 s to 1 min 5 s)`; for a job that waits for others also when it begins: `starts in 10 s, about …`; empty
 * when nothing is predicted.
 */
export function leftText({ eta, status }: Pick<Job, 'eta' | 'status'>): string {
  // When nothing is left, this was the last event before the end.
  if (eta === null || hasEnded({ status }) || eta.highSeconds === 0) return '';
  const [left, low, high] = [eta.remainingSeconds, eta.lowSeconds, eta.highSeconds].map(roundedSeconds);
  const wait = status === 'QUEUED' ? eta.waitSeconds : 0;
  return `${wait < 1 ? '' : `starts in ${roundedSeconds(wait)}, `}about ${left} left (${low} to ${high})`;
}

/** As precise as a prediction deserves: without tenths from 10 s on. */
function roundedSeconds(seconds: number): string {
  return formatSeconds(seconds < 10 ? seconds : Math.round(seconds));
}

function totalText(job: Job, isBatch: boolean): string {
  const { status, metadata } = job;
  const left = leftText(job);
  if (status === 'RUNNING' && left !== '') return isBatch ? `${countsText(metadata)}, ${left}` : left;
  if (status !== 'RUNNING') return [stateText(job), left].filter(Boolean).join(', ');
  return isBatch ? countsText(metadata) : '';
}

/** `2 of 3 done, 1 failed`. */
export function countsText(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null) return '';
  const counts = metadata as Record<string, unknown>;
  const { completed, total, failed, cancelled } = counts;
  if (typeof completed !== 'number' || typeof total !== 'number') return '';
  const numberOf = (count: unknown): number => (typeof count === 'number' ? count : 0);
  return resultCountsText({
    succeeded: completed,
    total,
    failed: numberOf(failed),
    cancelled: numberOf(cancelled),
  });
}

/** The same for a batch that has ended. */
export function resultCountsText(counts: BatchCounts): string {
  const { succeeded, total, failed, cancelled } = counts;
  const failures = failed > 0 ? `, ${failed} failed` : '';
  const stops = cancelled > 0 ? `, ${cancelled} cancelled` : '';
  return `${succeeded} of ${total} done${failures}${stops}`;
}
