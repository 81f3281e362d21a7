/** The port to remote models that make a video clip from words, in minutes rather than seconds. */
import { PlayheadError } from 'playhead';

export interface ClipRequest {
  readonly prompt: string;
  /** Wanted length; the provider uses the next longer one that it offers. */
  readonly seconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The same for every try of a clip, so that a provider that supports the header makes and bills it once. */
  readonly idempotencyKey: string;
}

export interface ClipWaiting {
  /** Absolute path of the file to write (MP4 or WebM). */
  readonly outputPath: string;
  readonly signal: AbortSignal;
  /** @param share 0..1, as reported by the provider; not called if it reports nothing */
  readonly onProgress?: (share: number) => void;
}

/** Identifies a started clip; keep it with the job, so that a retry waits for it instead of starting another. */
export type StartedClip = { readonly id: string; readonly seconds: number };

export interface ClipProvider {
  readonly name: string;
  /** @throws PlayheadError PROVIDER_FAILED, PROVIDER_REJECTED, TIMED_OUT, or the signal's own reason */
  start(request: ClipRequest, signal: AbortSignal): Promise<StartedClip>;
  /**
   * Waits for the clip and downloads it.
   * @throws PlayheadError as `start`; STORAGE_FAILED
   */
  finish(clip: StartedClip, waiting: ClipWaiting): Promise<{ readonly costUsd: number }>;
  /**
   * Tells the provider once that the clip is no longer wanted.
   * @throws PlayheadError as `start` if the provider cannot stop it: the clip then continues, and may be billed
   */
  cancel(clip: StartedClip, signal: AbortSignal): Promise<void>;
}

/** Thrown by `finish` when this clip will never arrive: it failed, or the provider no longer knows it. Only a new one helps. */
export class ClipLost extends PlayheadError {}

/**
 * Where the provider's notices arrive. A notice only ends a wait early: its content is not trusted, and the provider is
 * queried again, so a forged or lost notice does no harm.
 */
export interface ClipNotices {
  /** The address that the provider should call. */
  readonly callbackUrl: string;
  /** Resolves when a notice for the clip arrives or the time has passed. @throws when the signal aborts */
  wait(clipId: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}
