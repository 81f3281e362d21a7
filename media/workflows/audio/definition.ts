/** The steps and the result of verified speech. */
import { artifact, type WorkflowRun } from 'playhead';
import { z } from 'zod';
import { totalCostUsd } from '../costs.ts';
import type { NarrationInput } from './input.ts';

/** Fixed by the product's owner. */
export const steps = [
  { name: 'start', from: 0, to: 0.05 },
  { name: 'normalize_text', from: 0.05, to: 0.05 },
  { name: 'tts_generation', from: 0.05, to: 0.3 },
  { name: 'stt_verification', from: 0.3, to: 0.6 },
  { name: 'similarity_check', from: 0.6, to: 0.7 },
  { name: 'retry_loop', from: 0.7, to: 0.9 },
  { name: 'save_file', from: 0.9, to: 1 },
] as const;

export const result = z
  .object({
    audio: artifact('audio/mp4').describe('The speech.'),
    transcript: z.string().describe('What speech recognition heard in it.'),
    similarity: z.number().describe('How alike the transcript and the text are, 0..1; 1 is the same words.'),
    tries: z.int().describe('How often it was spoken until it was accepted, 1 or more.'),
    totalDuration: z.number().describe('Length of the speech in seconds, above 0.'),
    totalCostUsd,
  })
  .describe('speech that was heard back and compared with its text');

export type AudioRun = WorkflowRun<NarrationInput, (typeof steps)[number]['name']>;
export type AudioResult = z.input<typeof result>;
