/** Checks whether a talking head can be made from an audio job. */
import { type AdmissionContext, badInput, isJsonObject, type WorkSize } from 'playhead';
import type { LipSyncInput } from './input.ts';

/**
 * @returns the length of the speech
 * @throws PlayheadError BAD_USER_INPUT
 */
export async function admitSpeech(
  { audioJobId }: LipSyncInput,
  context: AdmissionContext,
): Promise<WorkSize | undefined> {
  const job = await context.job(audioJobId);
  if (job?.workflow !== 'AUDIO' || job.isBatch) {
    throw badInput('audioJobId', 'the id of a generateAudio job of this project', audioJobId);
  }
  if (job.status !== 'COMPLETED') {
    throw badInput('audioJobId', 'a COMPLETED audio job', `one that is ${job.status}`);
  }
  const seconds = isJsonObject(job.result) ? job.result['totalDuration'] : undefined;
  return typeof seconds === 'number' ? { seconds } : undefined;
}
