/**
 * Looks things up before a job is enqueued, so that a missing tool or file is reported at once and not by a failed job, and
 * finds out the size of the work. Each workflow defines what there is to look up (`admit`).
 */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import type { JobStore } from '../log/job-store.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import { withDeadline } from '../redis/client.ts';
import { countWorkers, findMissingAbility } from '../redis/heartbeat.ts';
import type { Keys } from '../redis/keys.ts';
import type { AdmissionContext, WorkflowDefinition } from './definition.ts';

export interface AdmissionRequest {
  readonly projectId: string;
  readonly workflow: Pick<WorkflowDefinition, 'admit'>;
  /** Parsed inputs with the path of the field that each came in, for example `input.items.3`. */
  readonly inputs: readonly { readonly field: string; readonly input: unknown }[];
}

/**
 * Refuses what could not be carried out. The workflow's own work takes the time that it takes; each look-up in Redis has 2 s.
 * @returns what was found out about each input's size, in their order
 * @throws PlayheadError TOOL_MISSING (with the remedy), BAD_USER_INPUT, UNAVAILABLE
 */
export type Admit = (request: AdmissionRequest) => Promise<readonly WorkSize[]>;

interface AdmissionParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'load'>;
}

export function createAdmission({ redis, keys, jobs }: AdmissionParts): Admit {
  return async ({ inputs, projectId, workflow }) => {
    const context: AdmissionContext = {
      projectId,
      job: async (id) => {
        const job = await withDeadline(jobs.load(projectId, id));
        if (job === null) return null;
        return { workflow: job.workflow, status: job.status, isBatch: job.itemCount > 0, result: job.result };
      },
      missingAbility: once(async (needed) => {
        const missing = await withDeadline(findMissingAbility(redis, keys, needed));
        if (missing === undefined) return undefined;
        // While there is no worker, nobody can tell.
        return (await withDeadline(countWorkers(redis, keys))) > 0 ? missing : undefined;
      }),
    };
    const sizes: WorkSize[] = [];
    for (const { field, input } of inputs) {
      sizes.push(await workflow.admit(input, context).catch((error: unknown) => rethrow(error, field)));
    }
    return sizes;
  };
}

/** Asks about the same abilities once, however many inputs need them. */
function once(
  ask: (needed: readonly string[]) => Promise<string | undefined>,
): AdmissionContext['missingAbility'] {
  const asked = new Map<string, Promise<string | undefined>>();
  return (async (needed: readonly string[]) => {
    const name = needed.join(' ');
    const answer = asked.get(name) ?? ask(needed);
    asked.set(name, answer);
    return answer;
  }) as AdmissionContext['missingAbility'];
}

/** The field of BAD_USER_INPUT is relative to the input. */
function rethrow(error: unknown, field: string): never {
  if (!(error instanceof PlayheadError) || error.code !== 'BAD_USER_INPUT') throw error;
  const own = error.details?.['field'];
  const path = typeof own === 'string' ? `${field}.${own}` : field;
  const message = typeof own === 'string' ? `${field}.${error.message}` : `${field}: ${error.message}`;
  throw new PlayheadError('BAD_USER_INPUT', message, {
    details: { ...error.details, field: path },
    cause: error,
  });
}
