/** The steps and the result of the Director. */
import { artifact, type WorkflowRun } from 'playhead';
import { z } from 'zod';
import { totalCostUsd } from '../costs.ts';
import type { ScriptInput } from './input.ts';

/** Fixed by the product's owner. */
export const steps = [
  { name: 'start', from: 0, to: 0.05 },
  { name: 'load_character', from: 0.05, to: 0.1 },
  { name: 'parse_script', from: 0.1, to: 0.1 },
  { name: 'generate_videos', from: 0.1, to: 0.6 },
  { name: 'lipsync', from: 0.6, to: 0.75 },
  { name: 'subtitles', from: 0.75, to: 0.85 },
  { name: 'render', from: 0.85, to: 1 },
  { name: 'complete', from: 1, to: 1 },
] as const;

export const result = z
  .object({
    finalVideoPath: z.string().describe('Place of the video in the store, the same as `video.path`.'),
    video: artifact('video/mp4').describe(
      'The video: MP4 with H.264 and AAC, 1280x720, 25 frames a second, captions burned in.',
    ),
    subtitles: artifact('text/vtt').describe(
      'The spoken lines with their times as a subtitle file (`contentType` says which format).',
    ),
    thumbnail: artifact('image/jpeg').describe('One picture of the video.'),
    totalDuration: z.number().describe('Length of the video in seconds, above 0.'),
    totalCostUsd,
    clips: z.int().describe('Number of clips that the video is made of, 1 or more.'),
  })
  .describe('a finished video');

export type DirectorRun = WorkflowRun<ScriptInput, (typeof steps)[number]['name']>;
export type VideoResult = z.input<typeof result>;
