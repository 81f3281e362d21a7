/** A server as the outbox sees one, in simulated time: it answers late, loses answers, is away for a while, and ends leases. */
import { Outbox, type OutboxEvent, type Sending } from '../../src/tracker/outbox.ts';
import type { Task } from '../../src/tracker/task.ts';
import {
  type Ending,
  type ProgressReport,
  type Receipt,
  type Tracked,
  type TrackRequest,
  TransportError,
} from '../../src/tracker/transport.ts';

export const AWAY = new TransportError('ECONNREFUSED', 'nobody there', { isPassing: true });

/** How one request fares. */
export interface Fate {
  readonly delayMs: number;
  /** `lost`: carried out, but the answer does not arrive. */
  readonly what: 'answered' | 'lost' | 'away';
}

interface ServerJob {
  readonly externalId: string;
  attempt: number;
  lease: string;
  key: string;
  aliveAt: number;
  leaseMs: number;
  isLost: boolean;
  sequence: number;
  progress: number;
  ending: Ending | null;
  endings: number;
}

export class Simulation {
  readonly outbox: Outbox;
  readonly jobs = new Map<string, ServerJob>();
  /** When reports of a job left, in ms. */
  readonly sentAt = new Map<string, number[]>();
  readonly events: OutboxEvent[] = [];
  now = 0;
  /** Requests sent. */
  requests = 0;
  fate: () => Fate = () => ({ delayMs: 1, what: 'answered' });
  refuse: (report: ProgressReport) => TransportError | null = () => null;
  #answers: { readonly at: number; readonly arrive: () => void }[] = [];
  #keys = 0;

  constructor() {
    this.outbox = new Outbox(() => {
      this.#keys += 1;
      return `key ${this.#keys}`;
    });
  }

  open(externalId: string, leaseSeconds = 60): Task {
    const request: TrackRequest = {
      projectId: 'p',
      taskName: 'task',
      externalId,
      title: null,
      input: null,
      steps: null,
      leaseSeconds,
      maxAttempts: null,
    };
    const task = this.outbox.open(request);
    if (task === null) throw new Error('full');
    this.#pump();
    return task;
  }

  say(task: Task, progress: number): void {
    if (task.say(progress, undefined, undefined)) this.outbox.noteSaid(task);
    this.#pump();
  }

  end(task: Task, ending: Ending = { type: 'completion', result: 1, artifacts: [] }): void {
    this.outbox.end(task, ending);
    this.#pump();
  }

  /** Lets the time pass, with all that happens in it. */
  pass(durationMs: number): void {
    const until = this.now + durationMs;
    for (;;) {
      const next = Math.min(this.outbox.dueAt(), ...this.#answers.map(({ at }) => at));
      if (next > until) break;
      this.now = Math.max(this.now, next);
      const due = this.#answers.filter(({ at }) => at <= this.now);
      this.#answers = this.#answers.filter(({ at }) => at > this.now);
      for (const { arrive } of due) arrive();
      this.#pump();
    }
    this.now = until;
  }

  #pump(): void {
    for (let next = this.outbox.take(this.now); next !== null; next = this.outbox.take(this.now)) {
      this.#send(next);
    }
    if (this.outbox.dueAt() <= this.now)
      throw new Error('the outbox says that something is due, and gives nothing');
  }

  #send(sending: Sending): void {
    this.requests += 1;
    const { delayMs, what } = this.fate();
    if (sending.type === 'report') {
      for (const { request } of sending.tasks) {
        const times = this.sentAt.get(request.externalId) ?? [];
        this.sentAt.set(request.externalId, [...times, this.now]);
      }
    }
    const arrive = (): void => {
      const answer = what === 'away' ? AWAY : this.#carryOut(sending);
      const heard =
        answer instanceof TransportError || what !== 'answered'
          ? this.outbox.failed(sending, answer instanceof TransportError ? answer : AWAY, this.now, 0.5)
          : this.outbox.answered(sending, answer, this.now);
      this.events.push(...heard);
    };
    this.#answers.push({ at: this.now + delayMs, arrive });
  }

  #carryOut(sending: Sending): unknown {
    for (const job of this.jobs.values()) {
      if (job.ending === null && this.now - job.aliveAt > job.leaseMs) job.isLost = true;
    }
    switch (sending.type) {
      case 'track':
        return this.#track(sending.request, sending.key);
      case 'report': {
        const reports = sending.reports.flat();
        const refused = reports.map(this.refuse).find((error) => error !== null);
        return refused ?? reports.map((report) => this.#report(report));
      }
      case 'end': {
        const { before, ending, ...place } = sending.report;
        for (const report of before) this.#report(report);
        return this.#end(place, ending);
      }
    }
  }

  #track({ externalId, leaseSeconds }: TrackRequest, key: string): Tracked {
    const known = this.jobs.get(externalId);
    if (known?.key === key)
      return { jobId: externalId, attempt: known.attempt, lease: known.lease, stop: null };
    const attempt = (known?.attempt ?? 0) + 1;
    const lease = `${externalId} ${attempt}`;
    this.jobs.set(externalId, {
      externalId,
      attempt,
      lease,
      key,
      aliveAt: this.now,
      leaseMs: leaseSeconds * 1_000,
      isLost: false,
      sequence: 0,
      progress: 0,
      ending: null,
      endings: known?.endings ?? 0,
    });
    return { jobId: externalId, attempt, lease, stop: null };
  }

  #report({ jobId, lease, progress, sequence }: ProgressReport): Receipt {
    const job = this.#held(jobId, lease);
    if ('accepted' in job) return job;
    job.aliveAt = this.now;
    if (sequence > job.sequence && progress !== undefined) job.progress = progress;
    job.sequence = Math.max(job.sequence, sequence);
    return accepted(job);
  }

  #end({ jobId, lease }: { readonly jobId: string; readonly lease: string }, ending: Ending): Receipt {
    const known = this.jobs.get(jobId);
    if (known?.lease === lease && known.ending !== null) return accepted(known);
    const job = this.#held(jobId, lease);
    if ('accepted' in job) return job;
    job.ending = ending;
    job.endings += 1;
    return accepted(job);
  }

  #held(jobId: string, lease: string): ServerJob | Receipt {
    const job = this.jobs.get(jobId);
    if (job === undefined) throw new Error(`nobody has tracked ${jobId}`);
    if (job.lease === lease && !job.isLost && job.ending === null) return job;
    const status = job.isLost ? 'FAILED' : job.ending === null ? 'RUNNING' : 'COMPLETED';
    const errorCode = job.isLost ? 'WORKER_LOST' : null;
    return { accepted: false, stop: 'LOST', job: { attempt: job.attempt, status, errorCode } };
  }
}

function accepted({ attempt }: ServerJob): Receipt {
  return { accepted: true, stop: null, job: { attempt, status: 'RUNNING', errorCode: null } };
}
