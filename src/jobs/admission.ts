/** What is looked up before a job is enqueued, so that a missing tool or file is said at once and not by a failed job. */
import type { Redis } from 'ioredis';
import { badInput, PlayheadError } from '../core/errors.ts';
import { lipSyncInputSchema } from '../media/lip-sync-input.ts';
import { narrationInputSchema } from '../media/narration-input.ts';
import { describeMissing, neededAbilities } from '../media/speech-ability.ts';
import type { JobStore } from '../progress/job-store.ts';
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

/** Refuses what could not be carried out. @throws PlayheadError TOOL_MISSING (with the remedy), BAD_USER_INPUT */
export type Admission = (request: AdmissionRequest) => Promise<void>;

interface AdmissionParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'load'>;
}

export function createAdmission({ redis, keys, jobs }: AdmissionParts): Admission {
  return async (request) => {
    switch (request.workflow) {
      case 'AUDIO':
        return admitSpeech(redis, keys, request);
      case 'LIPSYNC':
        return admitLipSync(jobs, request);
      case 'DIRECTOR':
      case 'WRITER':
        return;
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

async function admitLipSync(jobs: Pick<JobStore, 'load'>, request: AdmissionRequest): Promise<void> {
  const { field, inputs, projectId } = request;
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
  }
}
