/** Finds an ffmpeg that is recent enough for what providers send, and has the libraries for making films. */
import { PlayheadError } from '../core/errors.ts';
import { find, missing, outputOf, type Program } from './programs.ts';

/** The libavutil of FFmpeg 5.0; builds without a release number have one, too. */
const MINIMUM_LIBAVUTIL = 57;
/** The H.264 encoder and the captions; AAC is FFmpeg's own. */
const LIBRARIES = ['libx264', 'libass'] as const;

export const FFMPEG: Program = {
  title: 'FFmpeg 5 or later with libx264 and libass (makes films and speech)',
  names: ['ffmpeg'],
  places: [
    '/opt/homebrew/bin/ffmpeg',
    // Homebrew's plain ffmpeg 8 has no libass.
    '/opt/homebrew/opt/ffmpeg-full/bin/ffmpeg',
    '/usr/local/opt/ffmpeg-full/bin/ffmpeg',
    '/usr/local/bin/ffmpeg',
    '/usr/bin/ffmpeg',
  ],
  isRight: (path) => ffmpegFault(path) === undefined,
  packages: {
    'apt-get': ['ffmpeg'],
    brew: ['ffmpeg', 'ffmpeg-full'],
    dnf: ['ffmpeg'],
    apk: ['ffmpeg'],
  },
  byHand:
    'Install it (https://ffmpeg.org/download.html) so that `ffmpeg` and `ffprobe` are on PATH, or name them by ' +
    'PLAYHEAD_FFMPEG and PLAYHEAD_FFPROBE.',
};

/**
 * Finds ffmpeg on PATH; runs each candidate once (about 50 ms, synchronously).
 * @returns its absolute path
 * @throws PlayheadError TOOL_MISSING when there is none, or no suitable one
 */
export function findFfmpeg(env?: NodeJS.ProcessEnv): string {
  const path = find(FFMPEG, env);
  if (path !== undefined) return path;
  const unfit = find({ names: FFMPEG.names, places: FFMPEG.places }, env);
  if (unfit === undefined) throw missing(FFMPEG);
  throw new PlayheadError(
    'TOOL_MISSING',
    `ffmpeg: expected ${FFMPEG.title}, received ${unfit}: ${ffmpegFault(unfit)}. ${FFMPEG.byHand}`,
    { details: { tool: 'ffmpeg', path: unfit } },
  );
}

/** Why an ffmpeg is unsuitable; undefined when it will do. @param path absolute */
export function ffmpegFault(path: string): string | undefined {
  const version = outputOf(path, ['-version']);
  if (version === undefined) return 'it cannot be started';
  const libavutil = Number(/^libavutil\s+(\d+)\./m.exec(version)?.[1] ?? 0);
  const release = /^ffmpeg version (\S+)/.exec(version)?.[1] ?? 'unknown';
  if (libavutil < MINIMUM_LIBAVUTIL) {
    return `version ${release} (libavutil ${libavutil}, expected ${MINIMUM_LIBAVUTIL} or later)`;
  }
  const lacking = LIBRARIES.filter((library) => !version.includes(`--enable-${library}`));
  return lacking.length === 0 ? undefined : `version ${release} without ${lacking.join(' and ')}`;
}
