/** Locates ffmpeg and ffprobe, and makes all calls of them. */

import { access, constants } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { ffmpegFault, findFfmpeg, PlayheadError, startOf } from 'playhead';
import { runTool, type ToolOutput, type ToolRun } from './tool.ts';
import type { ToolLimits } from './tool-limits.ts';

/** The absolute paths of the two programs, and how long one run may take. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** Milliseconds; undefined: no limit. */
  readonly timeLimitMs: number | undefined;
  readonly limits?: ToolLimits | undefined;
}

/** Where to look. */
export interface FfmpegSettings {
  /** Absolute; default: found in `searchPath`. */
  readonly ffmpegPath?: string | undefined;
  /** Absolute; default: the one beside ffmpeg. */
  readonly ffprobePath?: string | undefined;
  /** Folders to search, separated as in PATH; default: this process's PATH. */
  readonly searchPath?: string | undefined;
  readonly toolTimeLimitMs?: number | undefined;
  /** Limits on the memory and file size of one run; default: none. */
  readonly toolLimits?: ToolLimits | undefined;
}

/**
 * Finds both programs and checks ffmpeg once: it must be FFmpeg 5 or later with libx264 and libass.
 * @throws PlayheadError TOOL_MISSING, naming the setting
 */
export async function locateFfmpeg(settings: FfmpegSettings): Promise<FfmpegTools> {
  const ffmpegPath = await locateEncoder(settings);
  const ffprobePath = await locateProber(settings, ffmpegPath);
  return { ffmpegPath, ffprobePath, timeLimitMs: settings.toolTimeLimitMs, limits: settings.toolLimits };
}

/** The operator's settings. */
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

/** Finds ffprobe beside the ffmpeg that is used or, if there is none, beside the one on PATH. */
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

/** One call of ffmpeg, with only its specific arguments; the safety arguments are added. */
export interface FfmpegRun extends Omit<ToolRun, 'name' | 'path' | 'onLine' | 'timeLimitMs' | 'limits'> {
  /** Called with the output's time in seconds as ffmpeg reports it (about twice a second). */
  readonly onOutTime?: (seconds: number) => void;
}

const SAFE_ARGS = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'] as const;

/** The protocols allowed for inputs: no network, and no other program (for `ffprobe` and each `-i` of `ffmpeg`). */
const LOCAL_ONLY = ['-protocol_whitelist', 'file,pipe'] as const;

/**
 * Restricts every input to local protocols: the option only applies to the next input.
 * @throws RangeError when the arguments themselves name protocols, which would undo it
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
 * @param input absolute local path, placed after the options
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
 * Starts both programs once to check that they run.
 * @returns their versions as printed, shortened
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

/** ffmpeg also writes microseconds as out_time_ms (a known misnomer), so both are read alike. */
function reportOutTime(line: string, onOutTime: (seconds: number) => void): void {
  const [key, value] = line.split('=', 2);
  if (key !== 'out_time_us' && key !== 'out_time_ms') return;
  const seconds = Number(value) / 1_000_000;
  if (Number.isFinite(seconds) && seconds >= 0) onOutTime(seconds);
}
