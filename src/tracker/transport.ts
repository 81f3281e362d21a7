/**
 * The port between a task's reports and Playhead. Its adapters speak GraphQL over HTTP (http-transport.ts), or call the
 * server's own commands on its Redis (redis-transport.ts). They send the inputs of the mutations trackJob, reportProgressMany,
 * reportError and reportCompletion of schema.graphql.
 */
import type { Json, JsonObject } from '../core/json.ts';

/** Why a task should end: its job was cancelled, or it is no longer the one that carries the job out (G4). */
export type StopReason = 'CANCELLED' | 'LOST';

/** The input of trackJob. */
export interface TrackRequest {
  readonly projectId: string;
  readonly taskName: string;
  /** The job's name in the system that runs it. Using it again begins the next attempt of the same job. */
  readonly externalId: string;
  readonly title: string | null;
  readonly input: Json | null;
  /** Shares are relative; null for a task without steps. */
  readonly steps: readonly { readonly name: string; readonly share: number }[] | null;
  readonly leaseSeconds: number;
  readonly maxAttempts: number | null;
}

/** The attempt that a task may report for. */
export interface Lease {
  /** The job's id in Playhead. */
  readonly jobId: string;
  readonly attempt: number;
  /** Sent with each report. */
  readonly lease: string;
}

/** The answer to trackJob. */
export interface Tracked extends Lease {
  /** Set when the job was cancelled: the attempt must not run. */
  readonly stop: StopReason | null;
}

interface Place {
  readonly projectId: string;
  readonly jobId: string;
  readonly lease: string;
}

/** The input of reportProgress; without any of the optional fields, it is a heartbeat. */
export interface ProgressReport extends Place {
  /** Grows with every report of an attempt, so that a duplicate or late report changes nothing. */
  readonly sequence: number;
  /** 0..1 of the whole job; never together with `stepProgress`. */
  readonly progress?: number;
  readonly step?: string;
  /** 0..1 inside the step. */
  readonly stepProgress?: number;
  readonly message?: string;
  /** Replaces the earlier metadata. */
  readonly metadata?: JsonObject | null;
  /** Replaces the earlier preview. */
  readonly preview?: Link;
}

/** The address of a file of a result, or of a preview. */
export interface Link {
  readonly url: string;
  readonly contentType: string;
  readonly sizeBytes?: number;
  readonly name?: string;
}

/** What a task ended with. */
export type Ending =
  | { readonly type: 'completion'; readonly result: Json; readonly artifacts: readonly Link[] }
  | {
      readonly type: 'error';
      readonly error: string;
      readonly code: string | null;
      readonly details: JsonObject | null;
      /** Another attempt follows. */
      readonly willRetry: boolean;
      readonly retryAfterSeconds: number | null;
    };

/** The input of reportError or reportCompletion, with the reports that come before it. */
export interface EndingReport extends Place {
  /** Sent ahead of the ending, so that nothing reported is missing from the job. */
  readonly before: readonly ProgressReport[];
  readonly ending: Ending;
}

/** The answer to a report. */
export interface Receipt {
  readonly accepted: boolean;
  /** Why the report was not accepted; the task should end. */
  readonly stop: StopReason | null;
  /** The current state of the job. */
  readonly job: { readonly attempt: number; readonly status: string; readonly errorCode: string | null };
}

/** A server's answer to a report, over either transport. */
export interface AnsweredReport {
  readonly accepted: boolean;
  readonly stop: StopReason | null;
  readonly job: {
    readonly attempt: number;
    readonly status: string;
    readonly error: { readonly code: string } | null;
  };
}

export function toReceipt({ accepted, job, stop }: AnsweredReport): Receipt {
  const { attempt, error, status } = job;
  return { accepted, stop, job: { attempt, status, errorCode: error?.code ?? null } };
}

/** A way to Playhead. Methods reject only with a TransportError, within a time that the adapter limits. */
export interface TrackerTransport {
  /** Begins an attempt; idempotent for the same key. @param key random, one for each attempt */
  track(request: TrackRequest, key: string): Promise<Tracked>;
  /** @returns for each report, in order, a receipt or the error in place of one */
  report(reports: readonly ProgressReport[]): Promise<readonly (Receipt | TransportError)[]>;
  end(report: EndingReport): Promise<Receipt>;
  /**
   * Listens for the cancellation of a job. Where that is not possible, the next receipt carries it.
   * @returns a function that ends listening
   */
  listen(projectId: string, lease: Lease, onStop: (stop: StopReason) => void): () => void;
  /** Ends requests under way. */
  close(): Promise<void>;
}

/** Thrown when a request was not answered or was refused. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** A code of docs/errors.md, or of the network failure. */
  readonly code: string;
  /** The same may be accepted later, so it is kept: the server is away, is busy, or refuses the credential. */
  readonly isPassing: boolean;
  /** How long to wait, in ms, where the server says so; otherwise 0. */
  readonly retryAfterMs: number;

  constructor(
    code: string,
    message: string,
    options: { readonly isPassing: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.isPassing = options.isPassing;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}
