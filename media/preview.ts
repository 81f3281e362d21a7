/** Shows what is being made, as the preview of a step. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StepRun, storageFailure } from 'playhead';
import type { ClipPlan } from './clip-plan.ts';
import type { Media } from './media.ts';
import { SPEECH_RATE_HZ } from './speech.ts';
import { encodeWav } from './wav.ts';

/** Where a step shows its work. */
interface PreviewPlace {
  /** A folder for temporary files. */
  readonly scratch: string;
  readonly step: Pick<StepRun, 'preview' | 'signal'>;
}

/** Shows a frame of a clip. @param name of the file, unique among previews under way */
export async function showClip(
  media: Media,
  plan: ClipPlan,
  name: string,
  place: PreviewPlace,
): Promise<void> {
  const { scratch, step } = place;
  const outputPath = join(scratch, `${name}.jpg`);
  await media.pool.run('drawStill', { plan, outputPath }, { signal: step.signal });
  await step.preview(outputPath);
}

const HEARD_SECONDS = 1.5;

/** Plays the beginning of some speech. @throws PlayheadError STORAGE_FAILED */
export async function showSpeech(
  samples: Int16Array<ArrayBuffer>,
  name: string,
  { scratch, step }: PreviewPlace,
): Promise<void> {
  const outputPath = join(scratch, `${name}.wav`);
  const heard = samples.slice(0, Math.round(HEARD_SECONDS * SPEECH_RATE_HZ));
  try {
    await writeFile(outputPath, encodeWav({ samples: heard, sampleRateHz: SPEECH_RATE_HZ }));
  } catch (cause) {
    throw storageFailure(`expected to write ${outputPath}`, cause);
  }
  await step.preview(outputPath);
}
