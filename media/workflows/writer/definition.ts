/** The steps and the result of script writing. */
import { artifact, type WorkflowRun } from 'playhead';
import { z } from 'zod';
import { totalCostUsd } from '../costs.ts';
import type { BriefInput } from './input.ts';

export const steps = [
  { name: 'start', from: 0, to: 0.05 },
  { name: 'analyze_brief', from: 0.05, to: 0.15 },
  { name: 'outline', from: 0.15, to: 0.35 },
  { name: 'draft_scenes', from: 0.35, to: 0.65 },
  { name: 'write_dialogue', from: 0.65, to: 0.85 },
  { name: 'review', from: 0.85, to: 0.95 },
  { name: 'save_script', from: 0.95, to: 1 },
] as const;

export const result = z
  .object({
    script: artifact('text/plain').describe('The script as a text file.'),
    title: z.string().describe('Title of the script.'),
    text: z.string().describe('The script itself: lines `NAME: text`, scene headings `## Scene`.'),
    scenes: z.int().describe('Number of scenes, 1 or more.'),
    estimatedDuration: z.number().describe('How long a video of it would be, in seconds, above 0.'),
    totalCostUsd,
  })
  .describe('a script that generateVideo takes');

export type WriterRun = WorkflowRun<BriefInput, (typeof steps)[number]['name']>;
export type ScriptResult = z.input<typeof result>;
