/** The port to remote models that make a video clip from words, in minutes rather than seconds. */
import { PlayheadError } from 'playhead';

export interface ClipRequest {
  readonly prompt: string;
  /** Wanted length; the provider takes the next one that it offers. */
  readonly seconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** The same for every try of the same clip, so that a provider that knows the header makes and bills it once. */
  readonly idempotencyKey: string;
}

export interface ClipWaiting {
  /** Absolute path of the file to write (MP4 or WebM). */
  readonly outputPath: string;
  readonly signal: AbortSignal;
  /** @param share 0..1, as the provider says it; not called where it says nothing */
  readonly onProgress?: (share: number) => void;
}

/** What a started clip is known by; keep it with the job, so that a retry waits for it instead of starting another. */
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
   * Tells the provider that nobody waits for the clip any more, once.
   * @throws PlayheadError as `start`, where the provider cannot stop it: the clip then goes on, and may be billed
   */
  cancel(clip: StartedClip, signal: AbortSignal): Promise<void>;
}

/** Thrown by `finish` when this clip will never come: it failed there, or is no longer known. Only a new one helps. */
export class ClipLost extends PlayheadError {}

/**
 * Where webhooks arrive. A notice only ends a wait early: what it says is not believed, the provider is asked again.
 * So a forged or lost notice does no harm.
 */
export interface ClipNotices {
  /** The address that the provider is told to call. */
  readonly callbackUrl: string;
  /** Resolves when a notice for the clip arrives or the time is over. @throws when the signal aborts */
  wait(clipId: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}
