/** Takes entries from BullMQ, has them carried out, and tells BullMQ in its own words what has become of each. */
import {
  DelayedError,
  type Job,
  type Telemetry,
  UnrecoverableError,
  WaitingChildrenError,
  WaitingError,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { ClosingWorker } from '../patches/bullmq-closing-worker.ts';
import { moveToWaitWoken } from '../patches/bullmq-woken-hand-back.ts';
import type { Workflow } from '../progress/steps.ts';
import { type BullQueue, basisOf, type EntryData } from './bullmq-entry.ts';
import { fairnessKey, followStarts } from './bullmq-fairness.ts';
import type { BullMQParking } from './bullmq-parking.ts';
import type { EntryHandler, EntryOutcome, EntryTaker, TakenEntry, TakeOptions } from './job-queue.ts';

/** A failure after which the entry waits for as long as the ErrorEvent announced. */
class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;
  constructor(reason: string, delayMs: number) {
    super(reason);
    this.delayMs = delayMs;
  }
}

/** How long an entry whose handler rejected waits. */
const DEFAULT_DELAY_MS = 1_000;

interface BullWorkerParts {
  /** BullMQ makes another connection like it, for its blocking wait. */
  readonly connection: Redis;
  readonly prefix: string;
  readonly queue: BullQueue;
  readonly parking: BullMQParking;
  readonly logger: Logger;
  readonly telemetry: { readonly telemetry?: Telemetry };
}

export class BullMQTaker implements EntryTaker {
  readonly #handler: EntryHandler;
  readonly #logger: Logger;
  readonly #parking: BullMQParking;
  readonly #place: { readonly queue: BullQueue; readonly redis: Redis };
  readonly #workflows: readonly Workflow[];
  readonly #worker: ClosingWorker<EntryData>;
  /** Tells the handler of each taken entry that the entry is lost; the key is the entry's id. */
  readonly #taken = new Map<string, AbortController>();

  constructor(parts: BullWorkerParts, handler: EntryHandler, options: TakeOptions) {
    const { connection, logger, parking, prefix, queue, telemetry } = parts;
    this.#handler = handler;
    this.#logger = logger;
    this.#parking = parking;
    this.#place = { queue, redis: connection };
    this.#workflows = options.workflows ?? [];
    this.#worker = new ClosingWorker(queue.name, (entry, token) => this.#carryOut(entry, token), {
      connection,
      prefix,
      settings: {
        backoffStrategy: (_attempts, _type, error) =>
          error instanceof RetryLater ? error.delayMs : DEFAULT_DELAY_MS,
      },
      ...telemetry,
      ...toWorkerOptions(options),
    });
    this.#worker.beforeTaking = () => this.#recall();
    this.#worker.on('error', (err) => logger.warn({ err }, 'queue worker'));
    followStarts(this.#worker, connection, fairnessKey(queue), (err) =>
      logger.warn({ err }, 'recording the start of a job failed'),
    );
    // BullMQ only reports this; the work itself must be stopped here.
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#taken.get(id)?.abort();
    });
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /** Never resolves if BullMQ's blocking connection is reconnecting at that moment (6.7). */
  close(): Promise<void> {
    return this.#worker.close();
  }

  async #carryOut(entry: Job<EntryData, void>, token: string | undefined): Promise<void> {
    const id = entry.id ?? entry.data.jobId;
    // An entry comes twice when it stalled here: this process was stuck for longer than the lock lasts.
    this.#taken.get(id)?.abort();
    const lost = new AbortController();
    this.#taken.set(id, lost);
    try {
      await this.#settle(await this.#handler(toTaken(id, entry, lost.signal)), entry, token);
    } finally {
      if (this.#taken.get(id) === lost) this.#taken.delete(id);
      // BullMQ takes the next entry in the step that ends this one.
      this.#recall();
    }
  }

  /** BullMQ learns from the kind of an error what has become of an entry, unless it is done. */
  async #settle(
    outcome: EntryOutcome,
    entry: Job<EntryData, void>,
    token: string | undefined,
  ): Promise<void> {
    switch (outcome.kind) {
      case 'done':
        return;
      case 'failed':
        throw new UnrecoverableError(outcome.reason);
      case 'retry':
        throw new RetryLater(outcome.reason, outcome.delayMs);
      case 'handed-back':
        await this.#handBack(entry, token);
        throw new WaitingError();
      case 'lost':
        throw new WaitingError();
      case 'left-to-others': {
        const { id = '', data } = entry;
        this.#logger.debug(
          { jobId: data.jobId, workflow: outcome.workflow },
          'a job was left to other workers',
        );
        await this.#parking.park({ id, token: token ?? '', workflow: outcome.workflow }, this.#workflows);
        throw new WaitingError();
      }
      case 'items-are-left':
        if (await entry.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
        // An item's entry is done, but its last event is still to come.
        await entry.moveToDelayed(Date.now() + outcome.againMs, token);
        throw new DelayedError();
    }
  }

  /** Not awaited: it only has to leave before the command that takes the next entry. */
  #recall(): void {
    if (this.#worker.closing !== undefined) return;
    this.#parking.recall(this.#workflows).catch((err: unknown) => {
      this.#logger.warn({ err }, 'calling back parked entries failed');
    });
  }

  async #handBack(entry: Job<EntryData, void>, token: string | undefined): Promise<void> {
    await moveToWaitWoken(entry, token, this.#place).catch((err: unknown) => {
      const late = 'handing a job back failed; it continues elsewhere when its lock ends';
      this.#logger.warn({ err, jobId: entry.data.jobId }, late);
    });
  }
}

function toTaken(id: string, entry: Job<EntryData, void>, lost: AbortSignal): TakenEntry {
  const { attemptBase, jobId, projectId } = entry.data;
  const attempt = attemptBase + entry.attemptsStarted;
  const retriesLeft = (entry.opts.attempts ?? 1) - entry.attemptsMade - 1;
  return {
    id,
    projectId,
    jobId,
    attempt,
    retriesLeft,
    basis: basisOf(entry.name, entry.data, attempt),
    lost,
  };
}

function toWorkerOptions({ concurrency, leaseMs, lossCheckMs, maxLosses, renewMs }: TakeOptions) {
  return {
    concurrency,
    ...(leaseMs !== undefined && { lockDuration: leaseMs }),
    ...(renewMs !== undefined && { lockRenewTime: renewMs }),
    ...(lossCheckMs !== undefined && { stalledInterval: lossCheckMs }),
    ...(maxLosses !== undefined && { maxStalledCount: maxLosses }),
  };
}
