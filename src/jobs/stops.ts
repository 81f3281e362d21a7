/**
 * Listens to the control channel. Tells running attempts to stop: by the control channel at once, and by looking at the
 * snapshots every second, since a Pub/Sub message may be lost. Cancellation therefore reaches the worker that runs the job,
 * whichever machine it is on.
 */
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { DamagedJob, type FoundJob } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import { hasEnded } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';
import type { RunningAttempt } from './attempt.ts';
import { type Cancelled, readControl } from './control.ts';

export interface StopWatchParts {
  readonly subscriber: Redis;
  readonly keys: Keys;
  readonly jobs: JobStore;
  readonly logger: Logger;
  readonly running: () => readonly RunningAttempt[];
  /** Called for every id that a notice names. */
  readonly onNotice?: ((id: string) => void) | undefined;
  readonly intervalMs?: number;
}

/** Watches until `close`. */
export function watchStops(parts: StopWatchParts): { close(): Promise<void> } {
  const { jobs, keys, logger, running, subscriber } = parts;
  let looking = false;

  const onMessage = (channel: string, message: string): void => {
    if (channel !== keys.control) return;
    const read = readControl(message);
    if (read !== null && 'cancel' in read) stopCancelled(read.cancel);
    else for (const id of read?.notices ?? []) parts.onNotice?.(id);
  };

  const stopCancelled = ({ projectId, jobId, attempt: cancelled }: Cancelled): void => {
    for (const attempt of running()) {
      const same = attempt.projectId === projectId && attempt.jobId === jobId;
      // The message may come after the job was retried: a later attempt is not meant.
      if (same && attempt.attempt <= cancelled) attempt.stop('ended');
    }
  };

  const look = async (): Promise<void> => {
    const attempts = running();
    if (looking || attempts.length === 0) return;
    looking = true;
    try {
      const states = await jobs.loadMany(attempts);
      for (const [index, attempt] of attempts.entries()) stopWhenOver(attempt, states[index] ?? null);
    } catch (error) {
      logger.warn({ err: error }, 'looking for cancelled jobs failed');
    } finally {
      looking = false;
    }
  };

  subscriber.on('message', onMessage);
  subscriber.subscribe(keys.control).catch((error: unknown) => {
    logger.warn(
      { err: error },
      'subscribing to the control channel failed; cancellation takes up to a second',
    );
  });
  const timer = setInterval(() => void look(), parts.intervalMs ?? 1_000);
  return {
    close: async () => {
      clearInterval(timer);
      subscriber.off('message', onMessage);
      await subscriber.unsubscribe(keys.control).catch(() => {});
    },
  };
}

function stopWhenOver(attempt: RunningAttempt, state: FoundJob): void {
  // A record that can't be read says nothing about the attempt, whose next event writes most of it anew.
  if (state instanceof DamagedJob) return;
  if (state === null || hasEnded(state.status)) attempt.stop('ended');
  else if (state.attempt > attempt.attempt) attempt.stop('lost');
}
