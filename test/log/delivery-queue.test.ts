import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METERS } from '../../src/core/meters.ts';
import { DeliveryQueue, type QueueLimits } from '../../src/log/delivery-queue.ts';
import type { JobEvent, LoggedEvent } from '../../src/progress/events.ts';
import { seqs } from '../setup/harness.ts';

type Kind = 'progress' | 'error' | 'retry' | 'completion';

function logged(seq: number, jobId: string, kind: Kind = 'progress'): LoggedEvent {
  const fields = { projectId: 'p', jobId, taskName: 'lipsync', attempt: 1, timestamp: '' };
  const events: Record<Kind, JobEvent> = {
    progress: {
      type: 'ProgressEvent',
      ...fields,
      progress: 0.5,
      status: 'processing',
      step: null,
      message: '',
      metadata: null,
    },
    error: {
      type: 'ErrorEvent',
      ...fields,
      error: '',
      code: 'INTERNAL',
      details: null,
      willRetry: false,
      retryAfterSeconds: null,
    },
    retry: {
      type: 'ErrorEvent',
      ...fields,
      error: '',
      code: 'INTERNAL',
      details: null,
      willRetry: true,
      retryAfterSeconds: 1,
    },
    completion: { type: 'CompletionEvent', ...fields, result: null },
  };
  return { epoch: 'e', seq, hash: `t${seq}`, event: events[kind] };
}

function drain(queue: DeliveryQueue): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) events.push(event);
  return events;
}

describe('the queue of a subscriber (G7)', () => {
  test('hands out everything in order while it is short (G1)', () => {
    const queue = new DeliveryQueue({ collapseFrom: 10, maxLength: 20 });
    for (const seq of [1, 2, 3, 4]) expect(queue.push(logged(seq, 'one'))).toBe(true);
    expect(seqs(drain(queue))).toEqual([1, 2, 3, 4]);
    expect(queue.collapsed).toBe(0);
  });

  test('keeps the newest progress of each job once it is long, those that wait already too', () => {
    const queue = new DeliveryQueue({ collapseFrom: 4, maxLength: 20 });
    const counted = METERS.eventsCoalesced.cell('subscriber');
    const before = counted.value;
    for (const [seq, job] of [
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
      [4, 'b'],
      [5, 'a'],
    ] as const) {
      queue.push(logged(seq, job));
    }
    expect(seqs(drain(queue))).toEqual([4, 5]);
    expect(queue.collapsed).toBe(3);
    expect(counted.value - before).toBe(3);
  });

  test('never drops an error, an announced retry or a completion', () => {
    const queue = new DeliveryQueue({ collapseFrom: 2, maxLength: 20 });
    const kinds: Kind[] = ['progress', 'retry', 'progress', 'progress', 'error', 'progress', 'completion'];
    for (const [index, kind] of kinds.entries()) queue.push(logged(index + 1, 'a', kind));
    expect(seqs(drain(queue))).toEqual([2, 5, 6, 7]);
  });

  test('stops collapsing when it has run empty', () => {
    const queue = new DeliveryQueue({ collapseFrom: 2, maxLength: 20 });
    for (const seq of [1, 2, 3]) queue.push(logged(seq, 'a'));
    expect(seqs(drain(queue))).toEqual([3]);
    queue.push(logged(4, 'a'));
    queue.push(logged(5, 'a'));
    expect(seqs(drain(queue))).toEqual([4, 5]);
  });

  test('says when it is over its limit', () => {
    const queue = new DeliveryQueue({ collapseFrom: 1, maxLength: 2 });
    expect(queue.push(logged(1, 'a', 'completion'))).toBe(true);
    expect(queue.push(logged(2, 'b', 'completion'))).toBe(true);
    expect(queue.push(logged(3, 'c', 'completion'))).toBe(false);
  });
});

/** The same rules, in the plainest words: a list that is filtered. */
class Oracle {
  readonly limits: QueueLimits;
  list: LoggedEvent[] = [];
  collapsing = false;
  constructor(limits: QueueLimits) {
    this.limits = limits;
  }
  push(event: LoggedEvent): boolean {
    this.collapsing ||= this.list.length >= this.limits.collapseFrom;
    this.list.push(event);
    if (this.collapsing) {
      this.list = this.list.filter((candidate, index) => {
        const replaced = this.list
          .slice(index + 1)
          .some(
            ({ event: later }) => later.type === 'ProgressEvent' && later.jobId === candidate.event.jobId,
          );
        return candidate.event.type !== 'ProgressEvent' || !replaced;
      });
    }
    return this.list.length <= this.limits.maxLength;
  }
  shift(): LoggedEvent | undefined {
    const first = this.list.shift();
    if (this.list.length === 0) this.collapsing = false;
    return first;
  }
}

test('whatever is pushed and taken, the queue does what the plain list does (G1, G7)', () => {
  const kind = fc.constantFrom<Kind[]>('progress', 'progress', 'progress', 'error', 'retry', 'completion');
  const push = fc.record({ job: fc.constantFrom('a', 'b', 'c'), kind });
  const commands = fc.array(fc.oneof({ weight: 3, arbitrary: push }, fc.constant('shift' as const)), {
    maxLength: 80,
  });
  const limits = fc.record({
    collapseFrom: fc.integer({ min: 1, max: 6 }),
    maxLength: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(limits, commands, (bounds, steps) => {
      const queue = new DeliveryQueue(bounds);
      const oracle = new Oracle(bounds);
      for (const [index, step] of steps.entries()) {
        if (step === 'shift') {
          expect(queue.shift()).toEqual(oracle.shift());
        } else {
          const event = logged(index + 1, step.job, step.kind);
          expect(queue.push(event)).toBe(oracle.push(event));
        }
        expect(queue.length).toBe(oracle.list.length);
      }
      expect(seqs(drain(queue))).toEqual(seqs(oracle.list));
    }),
    { numRuns: 500 },
  );
});
