/** Where ffmpeg and ffprobe are, and how ffmpeg is called everywhere. */

import { access, constants } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { ffmpegFault, findFfmpeg, PlayheadError, startOf } from 'playhead';
import { runTool, type ToolOutput, type ToolRun } from './tool.ts';
import type { ToolLimits } from './tool-limits.ts';

/** The two programs, by absolute path, with how long one run may take. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** Milliseconds; undefined: no limit. */
  readonly timeLimitMs: number | undefined;
  readonly limits?: ToolLimits | undefined;
}

/** Where to look. */
export interface FfmpegSettings {
  /** Absolute; default: looked for in `searchPath`. */
  readonly ffmpegPath?: string | undefined;
  /** Absolute; default: the one beside ffmpeg. */
  readonly ffprobePath?: string | undefined;
  /** Folders to look in, separated as in PATH; default: this process's PATH. */
  readonly searchPath?: string | undefined;
  readonly toolTimeLimitMs?: number | undefined;
  /** Memory and size of files of one run; default: none. */
  readonly toolLimits?: ToolLimits | undefined;
}

/**
 * Finds both programs and asks ffmpeg once what it has: FFmpeg 5 or later with libx264 and libass.
 * @throws PlayheadError TOOL_MISSING, naming the setting
 */
export async function locateFfmpeg(settings: FfmpegSettings): Promise<FfmpegTools> {
  const ffmpegPath = await locateEncoder(settings);
  const ffprobePath = await locateProber(settings, ffmpegPath);
  return { ffmpegPath, ffprobePath, timeLimitMs: settings.toolTimeLimitMs, limits: settings.toolLimits };
}

/** What an operator sets. */
const SETTINGS = { ffmpeg: 'PLAYHEAD_FFMPEG', ffprobe: 'PLAYHEAD_FFPROBE' } as const;
type ProgramName = keyof typeof SETTINGS;

async function locateEncoder({ ffmpegPath, searchPath }: FfmpegSettings): Promise<string> {
  if (ffmpegPath === undefined)
    return findFfmpeg(searchPath === undefined ? undefined : { PATH: searchPath });
  await expectProgram('ffmpeg', ffmpegPath);
  const fault = ffmpegFault(ffmpegPath);
  if (fault === undefined) return ffmpegPath;
  const expected = 'expected FFmpeg 5 or later with libx264 and libass';
  throw missing('ffmpeg', `${expected}, received ${ffmpegPath} (${SETTINGS.ffmpeg}): ${fault}`);
}

/** Beside the ffmpeg that is used; where that one stands alone, beside the one on PATH. */
async function locateProber(settings: FfmpegSettings, ffmpegPath: string): Promise<string> {
  const { ffprobePath, searchPath } = settings;
  const beside = (path: string): string => join(dirname(path), programName('ffprobe'));
  const isAlone = await access(beside(ffmpegPath), constants.X_OK).then(
    () => false,
    () => true,
  );
  const found = ffprobePath ?? beside(isAlone ? await locateEncoder({ searchPath }) : ffmpegPath);
  await expectProgram('ffprobe', found);
  return found;
}

async function expectProgram(name: ProgramName, path: string): Promise<void> {
  if (!isAbsolute(path))
    throw missing(name, `expected an absolute path in ${SETTINGS[name]}, received ${path}`);
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw missing(name, `expected a program at ${path} (${SETTINGS[name]})`, cause);
  });
}

function programName(name: ProgramName): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function missing(name: string, message: string, cause?: unknown): PlayheadError {
  return new PlayheadError('TOOL_MISSING', `${name}: ${message}`, { cause, details: { tool: name } });
}

/** One call of ffmpeg: only its own arguments; the safe ones are added. */
export interface FfmpegRun extends Omit<ToolRun, 'name' | 'path' | 'onLine' | 'timeLimitMs' | 'limits'> {
  /** Called with the output's time in seconds as ffmpeg reports it (about twice a second). */
  readonly onOutTime?: (seconds: number) => void;
}

const SAFE_ARGS = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'] as const;

/** What an input may be read by: no network, and no other program (`ffprobe` and each `-i` of `ffmpeg`). */
const LOCAL_ONLY = ['-protocol_whitelist', 'file,pipe'] as const;

/**
 * The arguments with every input held to local protocols: the option counts for the next input only.
 * @throws RangeError when the arguments name protocols themselves, which would undo it
 */
function keepLocal(args: readonly string[]): readonly string[] {
  const own = args.find((arg) => /^-protocol_(white|black)list/.test(arg));
  if (own !== undefined) throw new RangeError(`args: expected no protocols, received ${own}`);
  return args.flatMap((arg) => (arg === '-i' ? [...LOCAL_ONLY, arg] : [arg]));
}

/**
 * Runs ffmpeg; inputs may be files and pipes only.
 * @throws PlayheadError as runTool does
 */
export function runFfmpeg(tools: FfmpegTools, run: FfmpegRun): Promise<ToolOutput> {
  const { onOutTime, args, ...rest } = run;
  const progressArgs = onOutTime ? ['-progress', 'pipe:1'] : [];
  return runTool({
    ...rest,
    name: 'ffmpeg',
    path: tools.ffmpegPath,
    timeLimitMs: tools.timeLimitMs,
    limits: tools.limits,
    args: [...SAFE_ARGS, ...progressArgs, ...keepLocal(args)],
    ...(onOutTime ? { onLine: (line) => reportOutTime(line, onOutTime) } : {}),
  });
}

/**
 * Runs ffprobe on a file or pipe.
 * @param input absolute local path, behind the options
 * @throws PlayheadError as runTool does
 */
export function runFfprobe(
  tools: FfmpegTools,
  { options, input, signal }: { options: readonly string[]; input: string; signal: AbortSignal },
): Promise<ToolOutput> {
  return runTool({
    name: 'ffprobe',
    path: tools.ffprobePath,
    args: ['-v', 'error', ...LOCAL_ONLY, ...options, '-i', input],
    signal,
    timeLimitMs: tools.timeLimitMs,
    limits: tools.limits,
  });
}

/**
 * Starts both programs once to see that they run.
 * @returns their versions as they print them, shortened
 * @throws PlayheadError TOOL_MISSING, PROVIDER_FAILED
 */
export async function checkTools(
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<{ ffmpeg: string; ffprobe: string }> {
  const version = async (name: string, path: string): Promise<string> => {
    const { stdout } = await runTool({ name, path, args: ['-version'], signal, timeLimitMs: 20_000 });
    return startOf(stdout.split('\n')[0] ?? '', 80);
  };
  const [ffmpeg, ffprobe] = await Promise.all([
    version('ffmpeg', tools.ffmpegPath),
    version('ffprobe', tools.ffprobePath),
  ]);
  return { ffmpeg, ffprobe };
}

/** ffmpeg writes microseconds under the name out_time_ms too (a known misnomer), so both are read alike. */
function reportOutTime(line: string, onOutTime: (seconds: number) => void): void {
  const [key, value] = line.split('=', 2);
  if (key !== 'out_time_us' && key !== 'out_time_ms') return;
  const seconds = Number(value) / 1_000_000;
  if (Number.isFinite(seconds) && seconds >= 0) onOutTime(seconds);
}
