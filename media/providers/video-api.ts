/**
 * Clips over an asynchronous video API: `POST /videos` creates a clip, `GET /videos/{id}` returns its status, then the file
 * is downloaded; `DELETE /videos/{id}` abandons it, if the server supports that. OpenAI's Videos API, OpenRouter's and
 * vLLM's have this form; the words that others use for states and links are also understood.
 */

import { open } from 'node:fs/promises';
import { PlayheadError, startOf, storageFailure } from 'playhead';
import { z } from 'zod';
import { stopReason } from '../tool.ts';
import { badAnswer, quoteProvider } from './call-failure.ts';
import {
  ClipLost,
  type ClipNotices,
  type ClipProvider,
  type ClipRequest,
  type ClipWaiting,
  type StartedClip,
} from './clip.ts';
import { type HttpAnswer, type HttpTiming, ProviderHttp } from './http-client.ts';
import type { OpenAiSettings } from './openai-chat.ts';
import { costOf } from './prices.ts';

export interface VideoApiSettings extends OpenAiSettings {
  /** Lengths that the model offers; default 4, 8 and 12 (sora-2). */
  readonly lengthsSeconds?: readonly number[];
  /** Longest time for one clip; default 20 minutes. */
  readonly clipTimeoutMs?: number;
  readonly notices?: ClipNotices | undefined;
}

const NAME = 'Video';
const POLL_FIRST_MS = 3_000;
const POLL_MAX_MS = 15_000;
const DEFAULT_CLIP_TIMEOUT_MS = 20 * 60_000;
const STATUS_LIMIT_BYTES = 1_000_000;
const FILE_LIMIT_BYTES = 500_000_000;

const links = z.union([z.string(), z.array(z.string())]).nullish();
const videoSchema = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  status: z.string(),
  /** 0..100. */
  progress: z.number().nullish(),
  seconds: z.coerce.number().nullish().catch(null),
  error: z.unknown().optional(),
  url: links,
  video_url: links,
  output: links.catch(null),
  urls: links.catch(null),
  unsigned_urls: links,
  usage: z.object({ cost: z.number().nonnegative().nullish() }).nullish().catch(null),
});
type Video = z.infer<typeof videoSchema>;

const DONE = new Set(['completed', 'succeeded', 'success', 'complete', 'done']);
const LOST = new Set(['failed', 'error', 'cancelled', 'canceled', 'expired', 'rejected']);

/** Makes the clip provider for one model. */
export function createVideoApi(settings: VideoApiSettings, timing: Partial<HttpTiming> = {}): ClipProvider {
  return new VideoApi(settings, timing);
}

class VideoApi implements ClipProvider {
  readonly name: string;
  readonly #settings: VideoApiSettings;
  readonly #http: ProviderHttp;

  constructor(settings: VideoApiSettings, timing: Partial<HttpTiming>) {
    this.name = settings.model;
    this.#settings = settings;
    this.#http = new ProviderHttp(NAME, settings, timing);
  }

  async start(request: ClipRequest, signal: AbortSignal): Promise<StartedClip> {
    const seconds = this.#lengthFor(request.seconds);
    const video = await this.#http.run(
      {
        method: 'POST',
        path: '/videos',
        signal,
        limitBytes: STATUS_LIMIT_BYTES,
        repeatable: false,
        headers: { 'idempotency-key': request.idempotencyKey },
        body: {
          model: this.#settings.model,
          prompt: request.prompt,
          seconds: String(seconds),
          size: `${request.widthPx}x${request.heightPx}`,
          ...(this.#settings.notices && { callback_url: this.#settings.notices.callbackUrl }),
        },
      },
      readVideo,
    );
    return { id: video.id, seconds: video.seconds ?? seconds };
  }

  async finish(clip: StartedClip, waiting: ClipWaiting): Promise<{ costUsd: number }> {
    const video = await this.#waitFor(clip, waiting);
    await this.#download(linkOf(video) ?? `/videos/${encodeURIComponent(clip.id)}/content`, waiting);
    const { prices, model } = this.#settings;
    return { costUsd: video.usage?.cost ?? costOf(prices ?? {}, model, { videoSeconds: clip.seconds }) };
  }

  async cancel(clip: StartedClip, signal: AbortSignal): Promise<void> {
    const path = `/videos/${encodeURIComponent(clip.id)}`;
    const call = { method: 'DELETE', path, signal, limitBytes: STATUS_LIMIT_BYTES } as const;
    await this.#http.run(call, async (answer) => void (await answer.bytes()));
  }

  async #waitFor(clip: StartedClip, { signal, onProgress }: ClipWaiting): Promise<Video> {
    const limitMs = this.#settings.clipTimeoutMs ?? DEFAULT_CLIP_TIMEOUT_MS;
    let waitedMs = 0;
    for (let delayMs = POLL_FIRST_MS; ; delayMs = Math.min(POLL_MAX_MS, delayMs * 1.5)) {
      const path = `/videos/${encodeURIComponent(clip.id)}`;
      const call = { method: 'GET', path, signal, limitBytes: STATUS_LIMIT_BYTES } as const;
      const video = await this.#http.run(call, readVideo).catch(rethrowLost);
      const status = video.status.toLowerCase();
      if (DONE.has(status)) return video;
      if (LOST.has(status)) throw this.#lost(video);
      if (video.progress != null) onProgress?.(Math.max(0, Math.min(1, video.progress / 100)));
      if (waitedMs >= limitMs) throw tooLong(limitMs);
      await this.#pause(clip.id, delayMs, signal);
      waitedMs += delayMs;
    }
  }

  async #pause(clipId: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const { notices } = this.#settings;
    if (notices === undefined) return this.#http.wait(delayMs, signal);
    try {
      await notices.wait(clipId, delayMs, signal);
    } catch (thrown) {
      throw signal.aborted ? stopReason(signal) : thrown;
    }
  }

  async #download(link: string, { outputPath, signal }: ClipWaiting): Promise<void> {
    const base = new URL(this.#settings.baseUrl);
    const url = link.startsWith('/') ? undefined : URL.parse(link);
    // A link comes from outside: only https addresses and the provider itself are allowed.
    const trusted = url === undefined || url?.protocol === 'https:' || url?.origin === base.origin;
    if (!trusted) throw badAnswer(NAME, 'an https link to the clip', { again: false }).error;
    const call = { method: 'GET', path: link, signal, limitBytes: FILE_LIMIT_BYTES } as const;
    await this.#http.run(call, (answer) => writeVideo(answer, outputPath)).catch(rethrowLost);
  }

  #lengthFor(seconds: number): number {
    const lengths = [...(this.#settings.lengthsSeconds ?? [4, 8, 12])].sort((a, b) => a - b);
    return lengths.find((length) => length >= seconds) ?? lengths.at(-1) ?? seconds;
  }

  #lost(video: Video): ClipLost {
    const { message, code } = readVideoError(video.error);
    const said = message === '' ? '' : `: ${quoteProvider(message, this.#settings.key)}`;
    const refused = /moderation|policy|safety|content|invalid/i.test(code);
    return new ClipLost(
      refused ? 'PROVIDER_REJECTED' : 'PROVIDER_FAILED',
      `${NAME} API: expected a clip, received status ${startOf(video.status, 40)}${said}`,
      {
        details: {
          provider: NAME,
          error_code: code === '' ? 'failed' : quoteProvider(code, this.#settings.key),
        },
      },
    );
  }
}

/** Maps a clip that the provider no longer has. It is not retried automatically: the next one would be paid for again. */
function rethrowLost(error: unknown): never {
  const status = error instanceof PlayheadError ? error.details?.['error_code'] : undefined;
  if (!(error instanceof PlayheadError) || (status !== '404' && status !== '410')) throw error;
  const details = { ...error.details };
  throw new ClipLost('PROVIDER_REJECTED', error.message, { cause: error, details });
}

function tooLong(limitMs: number): PlayheadError {
  const seconds = limitMs / 1_000;
  return new PlayheadError(
    'TIMED_OUT',
    `${NAME} API: expected the clip within ${seconds} s, it is not ready`,
    {
      details: { provider: NAME, error_code: 'timeout' },
    },
  );
}

async function readVideo(answer: HttpAnswer): Promise<Video> {
  const text = await answer.text();
  try {
    return videoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw badAnswer(NAME, 'a video with id and status as JSON', { cause });
  }
}

function linkOf(video: Video): string | undefined {
  const found = [video.url, video.video_url, video.output, video.urls, video.unsigned_urls];
  return found.flatMap((link) => link ?? []).find((link) => link !== '');
}

function readVideoError(error: unknown): { message: string; code: string } {
  if (typeof error === 'string') return { message: error, code: '' };
  if (typeof error !== 'object' || error === null) return { message: '', code: '' };
  const message: unknown = Reflect.get(error, 'message');
  const code: unknown = Reflect.get(error, 'code');
  return {
    message: typeof message === 'string' ? message : '',
    code: typeof code === 'string' ? code : '',
  };
}

async function writeVideo(answer: HttpAnswer, path: string): Promise<void> {
  const file = await stored(path, () => open(path, 'w'));
  let isFirst = true;
  try {
    for await (const piece of answer.pieces()) {
      if (isFirst && !isVideo(piece)) throw badAnswer(NAME, 'an MP4 or WebM file');
      isFirst = false;
      await stored(path, () => file.writeFile(piece));
    }
  } finally {
    await file.close();
  }
  if (isFirst) throw badAnswer(NAME, 'an MP4 or WebM file, received nothing');
}

/** MP4 has `ftyp` after the first box's length (ISO 14496-12), WebM begins with EBML's id (RFC 8794). */
function isVideo(start: Uint8Array): boolean {
  const bytes = Buffer.from(start.subarray(0, 8));
  return bytes.toString('latin1', 4, 8) === 'ftyp' || bytes.toString('hex', 0, 4) === '1a45dfa3';
}

async function stored<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storageFailure(`expected to write ${path}`, cause);
  }
}
