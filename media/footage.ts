/** Fits footage from outside to a clip: the film's format, the clip's length, its fades. */
import { PlayheadError } from 'playhead';
import { INTERMEDIATE_VIDEO } from './clip-drawing.ts';
import { FRAME_HEIGHT_PX, FRAME_WIDTH_PX, FRAMES_PER_SECOND } from './clip-plan.ts';
import { type FfmpegTools, runFfmpeg } from './ffmpeg.ts';
import { probeMedia } from './probe.ts';

export interface FootageFit {
  /** Absolute path of the footage. */
  readonly footagePath: string;
  /** Absolute path of the title card in the film's format, shown before the footage; null: none. */
  readonly titlePath: string | null;
  /** The same for the end card, shown after it. */
  readonly endPath: string | null;
  /** Frames of footage, without the cards. */
  readonly frames: number;
  readonly outputPath: string;
  readonly signal: AbortSignal;
}

/** The largest side that a decoder is asked to handle. */
const MAX_SIDE_PX = 4_096;
/** Footage whose aspect ratio differs by less is cropped at the edges; other footage gets bars. */
const CROP_RATIO = 1.1;
/** Slightly short footage is slowed down by at most this factor; beyond that, it is repeated. */
const SLOWEST = 1.25;
const FADE_FRAMES = 9;
/** The dark colour that drawn clips fade in from and out to. */
const FADE = 'color=0x0e091a';

/**
 * Fits footage: if too long, it is cut; if slightly short, slowed down; if much too short, repeated.
 * @throws PlayheadError PROVIDER_FAILED when the footage cannot be shown, and as runFfmpeg does
 */
export async function fitFootage(tools: FfmpegTools, fit: FootageFit): Promise<void> {
  const { titlePath, endPath, frames, signal, outputPath } = fit;
  const source = await measure(tools, fit.footagePath, signal);
  const seconds = frames / FRAMES_PER_SECOND;
  const slower = Math.max(1, seconds / source.seconds);
  const pace = slower <= SLOWEST ? slower : 1;
  const repeats = pace === slower ? 0 : Math.ceil(slower);
  const filters = [
    `setpts=${pace.toFixed(5)}*(PTS-STARTPTS)`,
    `fps=${FRAMES_PER_SECOND}`,
    shape(source.widthPx / source.heightPx),
    'setsar=1',
    'format=yuv420p',
    // Hold the last frame if the container promised more than it has.
    `tpad=stop_mode=clone:stop_duration=${Math.ceil(seconds)}`,
    `trim=end_frame=${frames}`,
    'setpts=PTS-STARTPTS',
    `fade=in:0:${FADE_FRAMES}:${FADE}`,
    `fade=out:${Math.max(0, frames - FADE_FRAMES)}:${FADE_FRAMES}:${FADE}`,
  ].join(',');
  const cards = [titlePath, endPath].filter((path) => path !== null);
  await runFfmpeg(tools, {
    signal,
    args: [
      ...['-stream_loop', String(repeats), '-i', fit.footagePath],
      ...cards.flatMap((path) => ['-i', path]),
      ...['-filter_complex', `[0:v:0]${filters}[f];${joinCards(titlePath !== null, endPath !== null)}[v]`],
      ...['-map', '[v]', '-an', ...INTERMEDIATE_VIDEO, outputPath],
    ],
  });
  const made = await measure(tools, outputPath, signal);
  if (cards.length === 0 && Math.abs(made.seconds - seconds) > 1 / FRAMES_PER_SECOND) {
    throw unusable(`${seconds.toFixed(2)} s of pictures, received ${made.seconds.toFixed(2)} s`);
  }
}

/** Joins the footage `[f]` with its cards. */
function joinCards(hasTitle: boolean, hasEnd: boolean): string {
  if (!hasTitle && !hasEnd) return '[f]null';
  const card = (input: number, label: string): string => `[${input}:v]setsar=1,format=yuv420p[${label}];`;
  const cards = (hasTitle ? card(1, 't') : '') + (hasEnd ? card(hasTitle ? 2 : 1, 'e') : '');
  const parts = `${hasTitle ? '[t]' : ''}[f]${hasEnd ? '[e]' : ''}`;
  return `${cards}${parts}concat=n=${1 + Number(hasTitle) + Number(hasEnd)}`;
}

interface Measures {
  readonly seconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

async function measure(tools: FfmpegTools, path: string, signal: AbortSignal): Promise<Measures> {
  const probe = await probeMedia(tools, path, signal).catch((error: unknown) => {
    if (!signal.aborted && error instanceof PlayheadError && error.code === 'PROVIDER_FAILED')
      throw unusable('a video', error);
    throw error;
  });
  const stream = probe.streams.find(({ codec_type: type }) => type === 'video');
  const { width = 0, height = 0 } = stream ?? {};
  if (width < 16 || height < 16 || width > MAX_SIDE_PX || height > MAX_SIDE_PX) {
    throw unusable(`pictures of 16 to ${MAX_SIDE_PX} px a side, received ${width}x${height}`);
  }
  return { seconds: stream?.duration ?? probe.format.duration, widthPx: width, heightPx: height };
}

function unusable(expected: string, cause?: unknown): PlayheadError {
  const details = { error_code: 'bad_footage' };
  return new PlayheadError('PROVIDER_FAILED', `footage: expected ${expected}`, { cause, details });
}

/** Scales to the film's frame: fills it if the aspect ratio is nearly the same, otherwise adds bars. */
function shape(aspect: number): string {
  const ours = FRAME_WIDTH_PX / FRAME_HEIGHT_PX;
  const fills = Math.max(aspect / ours, ours / aspect) <= CROP_RATIO;
  const size = `${FRAME_WIDTH_PX}:${FRAME_HEIGHT_PX}`;
  const scale = `scale=${size}:force_original_aspect_ratio=${fills ? 'increase' : 'decrease'}:out_color_matrix=bt709:out_range=tv`;
  return fills ? `${scale},crop=${size}` : `${scale},pad=${size}:(ow-iw)/2:(oh-ih)/2:color=0x0e091a`;
}
