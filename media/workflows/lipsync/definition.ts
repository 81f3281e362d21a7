/** The steps and the result of lip sync. */
import { artifact, type WorkflowRun } from 'playhead';
import { z } from 'zod';
import { totalCostUsd } from '../costs.ts';
import type { LipSyncInput } from './input.ts';

export const steps = [
  { name: 'start', from: 0, to: 0.05 },
  { name: 'load_media', from: 0.05, to: 0.15 },
  { name: 'analyze_audio', from: 0.15, to: 0.45 },
  { name: 'apply_lipsync', from: 0.45, to: 0.9 },
  { name: 'save_file', from: 0.9, to: 1 },
] as const;

export const result = z
  .object({
    video: artifact('video/mp4').describe('The video: MP4 with H.264 and AAC.'),
    cues: artifact('application/json').describe('The mouth shapes with their times as a JSON file.'),
    totalDuration: z.number().describe('Length of the video in seconds, above 0.'),
    totalCostUsd,
  })
  .describe('a character that speaks given audio');

export type LipsyncRun = WorkflowRun<LipSyncInput, (typeof steps)[number]['name']>;
export type LipsyncResult = z.input<typeof result>;
