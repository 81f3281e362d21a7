/** A video API on a real port that keeps its clips, as a paid one does. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FfmpegTools } from '../../media/ffmpeg.ts';
import type { ClipNotices, ClipProvider } from '../../media/providers/clip.ts';
import { createVideoApi } from '../../media/providers/video-api.ts';
import { pause } from '../../src/core/pause.ts';
import { PATIENCE_MS } from '../setup/deadline.ts';
import { bytes, type FakeApi, json, key, type Received, startFakeApi, status } from './providers/fake-api.ts';

/** What the server does beside the rules, by clip number from 1. */
export interface VideoFaults {
  /** Times that creating is refused with 429 in all. */
  limits?: number;
  /** Clips that fail on their first asking. */
  failing?: Set<number>;
  /** Clips that are never ready. */
  stuck?: Set<number>;
  /** Clips whose file is no video behind its first bytes, once. */
  broken?: Set<number>;
}

export interface VideoServer extends FakeApi {
  readonly clips: ClipProvider;
  readonly created: { readonly prompt: string; readonly seconds: string; readonly key: string }[];
  readonly deleted: string[];
  readonly faults: VideoFaults;
}

/** Every clip costs $0.50, is asked for three times, and is the given file. */
export async function startVideoServer(
  file: Uint8Array,
  options: { readonly notices?: ClipNotices } = {},
): Promise<VideoServer> {
  const created: VideoServer['created'][number][] = [];
  const deleted: string[] = [];
  const faults: VideoFaults = {};
  const asked = new Map<string, number>();
  const create = ({ body, headers }: Received) => {
    if ((faults.limits ?? 0) > 0) {
      faults.limits = (faults.limits ?? 0) - 1;
      return status(429, { error: { message: 'Slow down' } }, { 'retry-after': '7' });
    }
    const { prompt, seconds } = JSON.parse(body.toString()) as { prompt: string; seconds: string };
    const name = String(headers['idempotency-key']);
    created.push({ prompt, seconds, key: name });
    return json({ id: name, status: 'queued', seconds });
  };
  const tell = (id: string) => {
    const times = (asked.get(id) ?? 0) + 1;
    asked.set(id, times);
    const number = numberOf(id);
    if (faults.stuck?.has(number)) return json({ id, status: 'in_progress', progress: 10 });
    if (faults.failing?.has(number)) return json({ id, status: 'failed', error: { message: 'GPU lost' } });
    if (times < 3) return json({ id, status: 'in_progress', progress: times * 40 });
    return json({ id, status: 'completed', usage: { cost: 0.5 } });
  };
  const api = await startFakeApi((response, request) => {
    const [, id = '', content] = /^\/v1\/videos\/([^/]+)(\/content)?$/.exec(request.path) ?? [];
    if (request.method === 'POST') return create(request)(response, request);
    if (request.method === 'DELETE') {
      deleted.push(id);
      return json({ id, deleted: true })(response, request);
    }
    if (content === undefined) return tell(id)(response, request);
    const broken = faults.broken?.delete(numberOf(id));
    return bytes(broken ? file.subarray(0, 300) : file, 'video/mp4')(response, request);
  });
  const settings = {
    baseUrl: api.baseUrl,
    key,
    timeoutMs: PATIENCE_MS,
    model: 'camera',
    notices: options.notices,
  };
  // Waits are short, and there may be many.
  const timing = {
    random: () => 1,
    pause: (durationMs: number, signal: AbortSignal) => pause(durationMs / 500, signal),
  };
  const clips = createVideoApi({ ...settings, clipTimeoutMs: 1e9 }, timing);
  return { ...api, clips, created, deleted, faults };
}

/** Its idempotency key is `JOB-clip-NUMBER-GENERATION`, and here its id too. */
function numberOf(id: string): number {
  return Number(id.split('-').at(-2));
}

/** Three seconds of a moving test picture that is not in the film's format. */
export async function makeFootage(tools: FfmpegTools, size = '640x352'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-footage-'));
  const path = join(folder, 'clip.mp4');
  const source = `testsrc2=size=${size}:rate=30:duration=3`;
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
  await promisify(execFile)(tools.ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', source, ...encoder, path]);
  const file = await readFile(path);
  await rm(folder, { recursive: true });
  return file;
}
