/**
 * BullMQ 6.7.0: a worker that takes nothing more once it is closing.
 *
 * BullMQ requests no further entries then, but still takes one that it was already waiting for: usually the very entry that
 * this worker is handing back.
 *
 * Upstream: https://github.com/taskforcesh/bullmq/issues/4163 is the same for delayed entries.
 * It can go when "takes nothing that it is told of when it closes already" passes with BullMQ's own Worker
 * (test/jobs/runner.test.ts).
 */
import type { Job } from 'bullmq';
import { EntryTwiceWorker } from './bullmq-entry-twice.ts';

export class ClosingWorker<Data> extends EntryTwiceWorker<Data> {
  /** Called just before the command that takes an entry. */
  beforeTaking: (() => void) | undefined;

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, void>> {
    // Its callers treat undefined as an empty queue; BullMQ's types are not strict.
    if (this.closing !== undefined) return undefined as unknown as Job<Data, void>;
    this.beforeTaking?.();
    return super.moveToActive(token, name);
  }
}
