/**
 * BullMQ 6.7.0: a worker that takes nothing any more once it closes.
 *
 * BullMQ asks for no further entry then, but one that it was waiting for when it closed it still takes: usually the one that
 * this worker is handing back.
 *
 * Upstream: https://github.com/taskforcesh/bullmq/issues/4163 is the same for entries that are delayed.
 * It can go when "takes nothing that it is told of when it closes already" passes with BullMQ's own Worker
 * (test/jobs/runner.test.ts).
 */
import type { Job } from 'bullmq';
import { EntryTwiceWorker } from './bullmq-entry-twice.ts';

export class ClosingWorker<Data> extends EntryTwiceWorker<Data> {
  /** Called just before the command that takes an entry. */
  beforeTaking: (() => void) | undefined;

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, void>> {
    // Its callers take undefined for an empty queue; BullMQ's types are not strict.
    if (this.closing !== undefined) return undefined as unknown as Job<Data, void>;
    this.beforeTaking?.();
    return super.moveToActive(token, name);
  }
}
