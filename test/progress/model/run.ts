/** One run: the model beside the real system, and the checks between the two. */

import { expect } from 'vitest';
import { PlayheadError } from '../../../src/core/errors.ts';
import type { AppendCommand, AppendMode } from '../../../src/log/append.ts';
import { encodeCursor } from '../../../src/log/cursor.ts';
import type { JobEvent, LoggedEvent } from '../../../src/progress/events.ts';
import type { Position } from '../../../src/progress/position.ts';
import {
  begunJob,
  endedJob,
  hasEnded,
  type JobState,
  newJob,
  requeuedJob,
} from '../../../src/progress/state.ts';
import { newWriteId } from '../../../src/progress/write-id.ts';
import { PATIENCE_MS, within } from '../../setup/deadline.ts';
import { tableOf } from '../../setup/workflows.ts';
import { Expectation, expectOpening, mayBeSilent, type Wanted } from './expectation.ts';
import { type Known, markOf, NOTHING, type World, write } from './oracle.ts';
import type { System } from './system.ts';

type Step = IteratorResult<LoggedEvent, void> | { readonly failure: unknown };

interface Subscriber {
  readonly process: number;
  readonly stream: AsyncGenerator<LoggedEvent, void, void>;
  readonly expectation: Expectation;
  /** Asked for, not yet answered. */
  pending: Promise<Step> | null;
  settled: boolean;
}

const REPEATABLE = 6;

export class Run {
  world: World = NOTHING;
  readonly subscribers: Subscriber[] = [];
  readonly #system: System;
  #image: World = NOTHING;
  /** By the id of the write of their first event, which names them: the same event sent again begins the same history again. */
  readonly #epochs = new Map<string, number>();
  #marks = 0;
  /** Least seq that each process has surely handed on. */
  readonly #handedOn: number[];
  /** Every event there ever was, lost ones too, with its place. */
  readonly #known: { readonly event: Known; readonly position: Position }[] = [];
  readonly #sent = new Map<string, AppendCommand[]>();

  constructor(system: System) {
    this.#system = system;
    this.#handedOn = system.processes.map(() => 0);
  }

  /** Makes the command that a client of this state would send. */
  command(mode: AppendMode, jobId: string, attemptShift: number, idempotencyKey?: string): AppendCommand {
    const old =
      (mode === 'create' ? undefined : this.world.jobs.get(jobId)?.state) ??
      newJob({
        id: jobId,
        projectId: this.#system.projectId,
        workflow: 'LIPSYNC',
        taskName: 'lipsync',
        table: tableOf('LIPSYNC'),
        maxAttempts: 3,
        createdAt: 1,
      });
    this.#marks += 1;
    const shifted = { ...old, attempt: old.attempt + attemptShift };
    const { event, state } = eventAndState(mode, shifted, `mark ${this.#marks}`);
    return { mode, writeId: newWriteId(), event, state, ...(mode === 'create' && { idempotencyKey }) };
  }

  async append(command: AppendCommand): Promise<void> {
    const sent = this.#sent.get(command.state.id) ?? [];
    this.#sent.set(command.state.id, [command, ...sent].slice(0, REPEATABLE));
    const epoch = this.#epochs.get(command.writeId) ?? this.#epochs.size + 1;
    const expected = write(this.world, command, epoch);
    const outcome = await this.#system.log.append(command);
    expect(outcome.code, `${command.mode} by attempt ${command.state.attempt}`).toBe(expected.code);
    if (expected.code !== 'OK') return;
    if (this.world.epoch === 0) this.#epochs.set(command.writeId, epoch);
    this.world = expected.world;
    const event = this.world.events.at(-1);
    if (event === undefined) throw new Error('expected an event');
    expect(outcome.position.seq).toBe(event.seq);
    this.#known.push({ event, position: outcome.position });
    for (const { expectation } of this.subscribers) expectation.onWritten(event);
  }

  /** Sends a former command once more, as a client does that has not seen the answer. */
  async repeat(jobId: string, back: number): Promise<void> {
    const command = this.#sent.get(jobId)?.[back];
    if (command === undefined) return;
    // Not a new sending: the list stays, so that it never reaches back further than the script does.
    const sent = this.#sent.get(jobId) ?? [];
    await this.append(command);
    this.#sent.set(jobId, sent);
  }

  async subscribe(process: number, wanted: Omit<Wanted, 'after'>): Promise<void> {
    await this.#open(process, { ...wanted, after: null }, undefined);
  }

  /** @param place 0..1 of all events that ever were */
  async resume(process: number, jobId: string | null, place: number): Promise<void> {
    const found = this.#known[Math.floor(place * this.#known.length)];
    if (found === undefined) return;
    await this.#open(process, { jobId, after: found.event, snapshot: true }, encodeCursor(found.position));
  }

  async #open(index: number, wanted: Wanted, after: string | undefined): Promise<void> {
    const process = this.#system.processes[index];
    if (process === undefined) return;
    const opening = expectOpening(this.world, wanted, this.#handedOn[index] ?? 0);
    const expectation = new Expectation(wanted, this.world, opening.possibles);
    try {
      const stream = await process.open({ jobId: wanted.jobId, snapshot: wanted.snapshot, after });
      expect(opening.possibles, `no stream, but one of ${opening.errors}`).not.toEqual([]);
      this.subscribers.push({ process: index, stream, expectation, pending: null, settled: false });
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      expect(opening.errors, error.message).toContain(error.code);
    }
  }

  /** Takes up to `count` events of a subscriber, and holds each against what may come. */
  async read(subscriber: Subscriber, count: number): Promise<void> {
    for (let taken = 0; taken < count; taken += 1) {
      const { possibles } = subscriber.expectation;
      if (subscriber.expectation.isSilent) return;
      if (possibles.some(mayBeSilent)) await this.#system.processes[subscriber.process]?.settle();
      const step = await this.#take(subscriber, possibles.some(mayBeSilent));
      note(subscriber.expectation, step);
      const received = step === null ? 'silence' : JSON.stringify(step);
      expect(subscriber.expectation.possibles, explain(possibles, received)).not.toEqual([]);
      if (step !== null && ('failure' in step || step.done)) {
        this.#forget(subscriber);
        return;
      }
    }
  }

  /** @returns null when nothing comes, though everything that was written has been handed on */
  async #take(subscriber: Subscriber, perhapsNothing: boolean): Promise<Step | null> {
    const pending = this.#pendingOf(subscriber);
    if (!perhapsNothing) {
      subscriber.pending = null;
      return within(pending, PATIENCE_MS, explain(subscriber.expectation.possibles, 'nothing'));
    }
    await this.#system.processes[subscriber.process]?.quiet();
    if (!subscriber.settled) return null;
    subscriber.pending = null;
    return pending;
  }

  #pendingOf(subscriber: Subscriber): Promise<Step> {
    if (subscriber.pending !== null) return subscriber.pending;
    subscriber.settled = false;
    subscriber.pending = subscriber.stream
      .next()
      .catch((failure: unknown) => ({ failure }))
      .then((step) => {
        subscriber.settled = true;
        return step;
      });
    return subscriber.pending;
  }

  #forget(subscriber: Subscriber): void {
    this.subscribers.splice(this.subscribers.indexOf(subscriber), 1);
  }

  async leave(subscriber: Subscriber): Promise<void> {
    this.#forget(subscriber);
    await subscriber.stream.return();
    if (subscriber.pending !== null)
      await within(subscriber.pending, PATIENCE_MS, 'a stream that was left ends');
  }

  async settle(): Promise<void> {
    await this.#system.settle();
    this.#handedOn.fill(this.world.events.length);
  }

  loseDoorbells(process: number, count: number): void {
    const found = this.#system.processes[process];
    if (found !== undefined) found.toLose = count;
  }

  async trim(place: number): Promise<void> {
    await this.settle();
    const floor = Math.max(this.world.floor, Math.ceil(place * this.world.events.length), 1);
    await this.#system.trim(floor);
    this.world = { ...this.world, floor };
    for (const { expectation } of this.subscribers) expectation.onTrimmed(floor);
  }

  async keepImage(): Promise<void> {
    await this.#system.keepImage();
    this.#image = this.world;
  }

  /** @param then written before anybody can have noticed */
  async changeHistory(how: 'rollBack' | 'flush', then: () => Promise<void>): Promise<void> {
    const before = this.world;
    await this.#system[how]();
    this.world = how === 'rollBack' ? this.#image : NOTHING;
    for (const { expectation, process } of this.subscribers) {
      expectation.onHistory(before, this.world, this.#handedOn[process] ?? 0);
    }
    await then();
    await this.settle();
  }

  async restartProcess(index: number): Promise<void> {
    for (const subscriber of this.subscribers.filter(({ process }) => process === index)) {
      await this.leave(subscriber);
    }
    await this.#system.restartProcess(index);
    this.#handedOn[index] = this.world.events.length;
  }

  /** Snapshots and lists are those of the history. */
  async checkState(): Promise<void> {
    const { jobs, projectId } = this.#system;
    const expected = [...this.world.jobs.values()];
    const found = await Promise.all(expected.map(({ state }) => jobs.load(projectId, state.id)));
    const shown = (state: JobState | null | undefined, seq: number | undefined) =>
      state && [state.id, state.status, state.attempt, state.progress, seq];
    expect(found.map((state) => shown(state, state?.last?.seq))).toEqual(
      expected.map(({ state, last }) => shown(state, last.seq)),
    );
    const open = expected.filter(({ state }) => !hasEnded(state.status)).map(({ state }) => state.id);
    expect((await jobs.activeIds(projectId)).toSorted()).toEqual(open.toSorted());
    const ids = expected.map(({ state }) => state.id).toSorted();
    expect((await jobs.list(projectId, {}, null, 100)).toReversed()).toEqual(ids);
  }

  /** At the end everybody has received everything, and nothing else comes. */
  async finish(): Promise<void> {
    await this.settle();
    await this.checkState();
    for (const subscriber of [...this.subscribers]) {
      await this.read(subscriber, 10_000);
      if (!this.subscribers.includes(subscriber)) continue;
      const extra = await this.#take(subscriber, true);
      expect(extra, 'nothing more comes').toBeNull();
      await this.leave(subscriber);
    }
  }
}

/** @param step null: nothing came */
function note(expectation: Expectation, step: Step | null): void {
  if (step === null) {
    expectation.onSilence();
  } else if ('failure' in step) {
    expect(step.failure).toMatchObject({ code: 'EVENTS_EXPIRED' });
    expectation.onExpired();
  } else if (step.done) {
    expectation.onDone();
  } else {
    expectation.onReceived(step.value.seq, markOf(step.value.event));
  }
}

function explain(possibles: Expectation['possibles'], received: string): string {
  const shown = possibles.map(
    ({ events, end }) => `[${events.slice(0, 3).map(({ seq, mark }) => `${seq} ${mark}`)} … ${end}]`,
  );
  return `expected one of ${shown.join(' ')}, received ${received}`;
}

function eventAndState(
  mode: AppendMode,
  old: JobState,
  mark: string,
): { readonly event: JobEvent; readonly state: JobState } {
  const fields = (attempt: number) => ({
    projectId: old.projectId,
    jobId: old.id,
    taskName: old.taskName,
    attempt,
    timestamp: '2026-01-01T00:00:00.000Z',
  });
  const progress = (state: JobState, status: 'queued' | 'processing') => ({
    event: {
      type: 'ProgressEvent' as const,
      ...fields(state.attempt),
      progress: state.progress,
      status,
      step: null,
      message: mark,
      metadata: null,
    },
    state,
  });
  const error = (code: string, willRetry: boolean) => {
    const event = {
      type: 'ErrorEvent' as const,
      ...fields(old.attempt),
      error: mark,
      code,
      details: null,
      willRetry,
      retryAfterSeconds: null,
    };
    return { event, state: endedJob(old, event, 1) };
  };
  switch (mode) {
    case 'create':
      return progress(old, 'queued');
    case 'retry':
      return progress(requeuedJob(old), 'queued');
    case 'begin':
      return progress(begunJob(old, old.attempt, 1), 'processing');
    case 'event':
      return progress(
        { ...old, status: 'RUNNING', progress: Math.min(1, old.progress + 1 / 64) },
        'processing',
      );
    case 'release':
      return error('PROVIDER_FAILED', true);
    case 'close':
      return error('CANCELLED', false);
    case 'end': {
      const event = { type: 'CompletionEvent' as const, ...fields(old.attempt), result: mark };
      return { event, state: endedJob(old, event, 1) };
    }
  }
}
