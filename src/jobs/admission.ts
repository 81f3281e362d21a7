/** What is asked of the workers before a job is enqueued, so that a missing tool is said at once and not by a failed job. */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { narrationInputSchema } from '../media/narration-input.ts';
import { describeMissing, neededAbilities } from '../media/speech-ability.ts';
import type { Workflow } from '../progress/steps.ts';
import { countWorkers, findMissingAbility } from '../redis/heartbeat.ts';
import type { Keys } from '../redis/keys.ts';

/** Refuses a parsed input that no worker could carry out. @throws PlayheadError TOOL_MISSING, with what to install or set */
export type Admission = (workflow: Workflow, inputs: readonly unknown[]) => Promise<void>;

/**
 * Asks what the workers offer. While no worker is there nobody can say, and the job waits for one; its first step then
 * checks again.
 */
export function createAdmission(redis: Redis, keys: Keys): Admission {
  return async (workflow, inputs) => {
    if (workflow !== 'AUDIO') return;
    const needed = [
      ...new Set(inputs.flatMap((input) => neededAbilities(narrationInputSchema.parse(input)))),
    ];
    const missing = await findMissingAbility(redis, keys, needed);
    if (missing !== undefined && (await countWorkers(redis, keys)) > 0) {
      throw new PlayheadError('TOOL_MISSING', describeMissing(missing), { details: { ability: missing } });
    }
  };
}
