/** The transport over Playhead's own Redis: this process itself runs the commands behind the mutations. */
import type { PlayheadError } from '../core/errors.ts';
import type { RedisCommands, RedisTarget } from './redis-commands.ts';
import {
  type EndingReport,
  type Lease,
  type ProgressReport,
  type Receipt,
  type StopReason,
  type Tracked,
  type TrackerTransport,
  type TrackRequest,
  TransportError,
  toReceipt,
} from './transport.ts';

interface Listener {
  readonly projectId: string;
  readonly lease: Lease;
  readonly onStop: (stop: StopReason) => void;
}

export class RedisTransport implements TrackerTransport {
  readonly #options: RedisTarget;
  readonly #listeners = new Set<Listener>();
  #opening: Promise<RedisCommands> | null = null;

  constructor(options: RedisTarget) {
    this.#options = options;
  }

  async track(request: TrackRequest, key: string): Promise<Tracked> {
    return this.#send(async ({ jobs }) => {
      const { attempt, job, lease, stop } = await jobs.track({ ...request, idempotencyKey: key });
      return { jobId: job.id, attempt, lease, stop };
    });
  }

  async report(reports: readonly ProgressReport[]): Promise<readonly (Receipt | TransportError)[]> {
    return this.#send(async ({ isError, jobs }) => {
      const answers = await jobs.reportProgressMany(reports);
      return answers.map((answer) => (isError(answer) ? toTransportError(answer) : toReceipt(answer)));
    });
  }

  async end({ before, ending, ...place }: EndingReport): Promise<Receipt> {
    return this.#send(async ({ jobs }) => {
      if (before.length > 0) await jobs.reportProgressMany(before);
      const { type, ...what } = ending;
      const input = { ...place, ...what };
      const receipt =
        type === 'completion' ? await jobs.reportCompletion(input) : await jobs.reportError(input as never);
      return toReceipt(receipt);
    });
  }

  listen(projectId: string, lease: Lease, onStop: (stop: StopReason) => void): () => void {
    const listener = { projectId, lease, onStop };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    // If opening failed, there is nothing to close.
    await (await this.#opening?.catch(() => null))?.close();
  }

  async #send<T>(work: (commands: RedisCommands) => Promise<T>): Promise<T> {
    const commands = await this.#open();
    try {
      return await work(commands);
    } catch (error) {
      throw commands.isError(error) ? toTransportError(error) : error;
    }
  }

  /** Loads ioredis and the commands when the first task is tracked. */
  async #open(): Promise<RedisCommands> {
    this.#opening ??= import('./redis-commands.ts').then(({ openRedisCommands }) =>
      openRedisCommands({ ...this.#options, onCancelled: (cancelled) => this.#stop(cancelled) }),
    );
    try {
      return await this.#opening;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError('TOOL_MISSING', message, { isPassing: false, cause });
    }
  }

  #stop(cancelled: { readonly projectId: string; readonly jobId: string; readonly attempt: number }): void {
    for (const { lease, onStop, projectId } of this.#listeners) {
      const isSame = projectId === cancelled.projectId && lease.jobId === cancelled.jobId;
      // The message may arrive after the job has begun a later attempt, which it does not concern.
      if (isSame && lease.attempt <= cancelled.attempt) onStop('CANCELLED');
    }
  }
}

function toTransportError(error: PlayheadError): TransportError {
  const { code, message, retryAfterSeconds = 0 } = error;
  const isPassing = code === 'UNAVAILABLE' || code === 'INTERNAL';
  return new TransportError(code, message, {
    isPassing,
    retryAfterMs: retryAfterSeconds * 1_000,
    cause: error,
  });
}
