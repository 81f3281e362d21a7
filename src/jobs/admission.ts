/**
 * What is looked up before a job is enqueued, so that a missing tool or file is said at once and not by a failed job; and what
 * that tells of the work's size.
 */

import type { Redis } from 'ioredis';
import { lipSyncInputSchema } from '../../media/lip-sync-input.ts';
import { narrationInputSchema } from '../../media/narration-input.ts';
import { describeMissing, neededAbilities } from '../../media/speech-ability.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import type { JobStore } from '../log/job-store.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import type { Workflow } from '../progress/steps.ts';
import { countWorkers, findMissingAbility } from '../redis/heartbeat.ts';
import type { Keys } from '../redis/keys.ts';

export interface AdmissionRequest {
  readonly projectId: string;
  readonly workflow: Workflow;
  /** The field of the request that the input came in, for error paths. */
  readonly field: string;
  /** Parsed inputs: one, or a batch's. */
  readonly inputs: readonly unknown[];
}

/**
 * Refuses what could not be carried out.
 * @returns by the place of the input what was found out of its size; nothing where the input itself says all
 * @throws PlayheadError TOOL_MISSING (with the remedy), BAD_USER_INPUT
 */
export type Admission = (request: AdmissionRequest) => Promise<readonly WorkSize[]>;

interface AdmissionParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'load'>;
}

export function createAdmission({ redis, keys, jobs }: AdmissionParts): Admission {
  return async (request) => {
    switch (request.workflow) {
      case 'AUDIO':
        await admitSpeech(redis, keys, request);
        return [];
      case 'LIPSYNC':
        return admitLipSync(jobs, request);
      // Also a workflow that was added (docs/new-workflow.md).
      default:
        return [];
    }
  };
}

/**
 * Asks what the workers offer. While no worker is there nobody can say, and the job waits for one; its first step then
 * checks again.
 */
async function admitSpeech(redis: Redis, keys: Keys, { inputs }: AdmissionRequest): Promise<void> {
  const needed = [...new Set(inputs.flatMap((input) => neededAbilities(narrationInputSchema.parse(input))))];
  const missing = await findMissingAbility(redis, keys, needed);
  if (missing !== undefined && (await countWorkers(redis, keys)) > 0) {
    throw new PlayheadError('TOOL_MISSING', describeMissing(missing), { details: { ability: missing } });
  }
}

async function admitLipSync(
  jobs: Pick<JobStore, 'load'>,
  { field, inputs, projectId }: AdmissionRequest,
): Promise<readonly WorkSize[]> {
  const sizes: WorkSize[] = [];
  for (const input of inputs) {
    const { audioJobId } = lipSyncInputSchema.parse(input);
    const job = await jobs.load(projectId, audioJobId);
    const isSpeech = job?.workflow === 'AUDIO' && job.itemCount === 0;
    if (job === null || !isSpeech) {
      throw badInput(`${field}.audioJobId`, 'the id of a generateAudio job of this project', audioJobId);
    }
    if (job.status !== 'COMPLETED') {
      throw badInput(`${field}.audioJobId`, 'a COMPLETED audio job', `one that is ${job.status}`);
    }
    const seconds: unknown = Reflect.get(Object(job.result), 'totalDuration');
    sizes.push(typeof seconds === 'number' ? { seconds } : {});
  }
  return sizes;
}
