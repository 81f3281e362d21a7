/** Measures media files with ffprobe. */
import { PlayheadError, startOf } from 'playhead';
import { z } from 'zod';
import { type FfmpegTools, runFfprobe } from './ffmpeg.ts';

const probeSchema = z.object({
  format: z.object({ duration: z.coerce.number().positive(), size: z.coerce.number() }),
  streams: z.array(
    z.object({
      codec_type: z.string(),
      codec_name: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      pix_fmt: z.string().optional(),
      avg_frame_rate: z.string().optional(),
      sample_rate: z.coerce.number().optional(),
      duration: z.coerce.number().optional(),
    }),
  ),
});

/** ffprobe's output, under its own field names; durations in seconds. */
export type MediaProbe = z.infer<typeof probeSchema>;

/**
 * Measures a media file.
 * @param path absolute local path
 * @throws PlayheadError PROVIDER_FAILED when the file is not a media file, and as runTool does
 */
export async function probeMedia(tools: FfmpegTools, path: string, signal: AbortSignal): Promise<MediaProbe> {
  const options = ['-print_format', 'json', '-show_format', '-show_streams'];
  const { stdout } = await runFfprobe(tools, { options, input: path, signal });
  try {
    return probeSchema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new PlayheadError('PROVIDER_FAILED', 'ffprobe: expected a description of a media file', {
      cause,
      details: { received: startOf(stdout, 200) },
    });
  }
}
