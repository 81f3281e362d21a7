/** The job of an event, as the event left it. */
import { DamagedJob } from '../log/damaged-job.ts';
import type { JobEvent } from '../progress/events.ts';
import { type ReadJob, readAt, type ToldJob, toldBy } from '../progress/job-at-event.ts';
import type { JobRecord } from '../progress/job-record.ts';
import type { Position } from '../progress/position.ts';
import type { JobState } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';
import type { ProcessContext } from './context.ts';

/** The fields of a job that must be read; on an event's job they are promises. */
type Read = {
  readonly [Name in 'title' | 'createdAt' | 'startedAt' | 'maxAttempts' | 'tracked']: Promise<ReadJob[Name]>;
};
type Identity = Pick<JobState, 'id' | 'projectId' | 'workflow' | 'taskName' | 'attempt' | 'version' | 'last'>;

/**
 * Fields that the event contains cost no read. The rest is read once, when the first of it is requested, and given as of the
 * event. A job that is no longer kept has only what the event contains.
 */
export class EventJob implements Identity, ToldJob, Read {
  readonly id: string;
  readonly projectId: string;
  readonly workflow: Workflow;
  readonly taskName: string;
  readonly attempt: number;
  readonly version: number;
  readonly last: Position;
  readonly status: ToldJob['status'];
  readonly progress: number;
  readonly step: string | null;
  readonly message: string;
  readonly metadata: ToldJob['metadata'];
  readonly preview: ToldJob['preview'];
  readonly result: ToldJob['result'];
  readonly error: ToldJob['error'];
  readonly eta: ToldJob['eta'];
  readonly finishedAt: number | null;
  readonly parentId: string | null;
  readonly #event: JobEvent;
  readonly #recordOf: ProcessContext['recordOf'];
  #record: Promise<JobRecord | null> | undefined;

  constructor(
    event: JobEvent,
    parts: Pick<EventJob, 'last' | 'workflow'> & Pick<ProcessContext, 'recordOf'>,
  ) {
    this.id = event.jobId;
    this.projectId = event.projectId;
    this.workflow = parts.workflow;
    this.taskName = event.taskName;
    this.attempt = event.attempt;
    this.version = event.version ?? 0;
    this.last = parts.last;
    const told = toldBy(event);
    this.status = told.status;
    this.progress = told.progress;
    this.step = told.step;
    this.message = told.message;
    this.metadata = told.metadata;
    this.result = told.result;
    this.error = told.error;
    this.eta = told.eta;
    this.preview = told.preview;
    this.finishedAt = told.finishedAt;
    this.parentId = told.parentId;
    this.#event = event;
    this.#recordOf = parts.recordOf;
  }

  get title(): Promise<string | null> {
    return this.#read().then(({ title }) => title);
  }

  get tracked(): Promise<JobState['tracked']> {
    return this.#read().then(({ tracked }) => tracked);
  }

  get createdAt(): Promise<number> {
    return this.#read().then(({ createdAt }) => createdAt);
  }

  get startedAt(): Promise<number | null> {
    return this.#read().then(({ startedAt }) => startedAt);
  }

  get maxAttempts(): Promise<number> {
    return this.#read().then(({ maxAttempts }) => maxAttempts);
  }

  get itemCount(): Promise<number> {
    return this.#read().then(({ itemCount }) => itemCount);
  }

  /** All steps with their state. */
  get stepViews(): Promise<ReadJob['steps']> {
    return this.#read().then(({ steps }) => steps);
  }

  /** The job as it is now; null when it is no longer kept. */
  async readPresent(): Promise<JobState | null> {
    return (await this.#load())?.state ?? null;
  }

  async #read(): Promise<ReadJob> {
    const record = await this.#load();
    return record === null ? nothingRead(this.#event) : readAt(this.#event, record);
  }

  #load(): Promise<JobRecord | null> {
    this.#record ??= this.#recordOf(this.projectId, this.id).catch((error: unknown) => {
      // The event is still good; a stream must not end because of a record that will stay damaged.
      if (error instanceof DamagedJob) return null;
      throw error;
    });
    return this.#record;
  }
}

function nothingRead({ attempt, jobId, timestamp }: JobEvent): ReadJob {
  return {
    title: null,
    createdAt: bornAt(jobId) ?? Date.parse(timestamp),
    startedAt: null,
    maxAttempts: attempt,
    itemCount: 0,
    tracked: null,
    steps: [],
  };
}

/** When a job's id was created: the first 48 bits of a version 7 UUID (RFC 9562, section 5.7) are ms since the epoch. */
function bornAt(jobId: string): number | null {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(jobId);
  return match === null ? null : Number.parseInt(`${match[1]}${match[2]}`, 16);
}
