/** Makes the workflows of a worker ready to run: loads their modules, and starts what they share. */
import { PlayheadError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import type { Workflow } from '../progress/steps.ts';
import type { RunnableWorkflow } from './attempt.ts';
import type { JobResult, WorkflowRun } from './contract.ts';
import type {
  WorkerContext,
  WorkerServices,
  WorkerSetup,
  WorkflowDefinition,
  Workflows,
} from './definition.ts';

export interface StartedWorkflows {
  readonly workflows: Readonly<Record<Workflow, RunnableWorkflow>>;
  /** What this worker can do, of all that is shared. */
  abilities(): Promise<readonly string[]>;
  /** Tells what is shared of an id that a notice names. */
  notice(id: string): void;
  close(): Promise<void>;
}

/** @throws Error as a module's loading or start throws it */
export async function startWorkflows(
  definitions: Workflows,
  context: WorkerContext,
): Promise<StartedWorkflows> {
  const shared = new Map<WorkerSetup, WorkerServices>();
  const workflows: Record<Workflow, RunnableWorkflow> = {};
  for (const definition of definitions.values()) {
    const { name, worker } = definition;
    if (worker !== null && !shared.has(worker)) shared.set(worker, await (await worker()).start(context));
    const own = worker === null ? undefined : shared.get(worker);
    const setup = own?.setupOf?.(name);
    workflows[name] = { ...createRunnable(definition, own?.services), ...(setup !== undefined && { setup }) };
  }
  const all = [...shared.values()];
  return {
    workflows,
    abilities: async () =>
      (await Promise.all(all.map(async (one) => (await one.abilities?.()) ?? []))).flat(),
    notice: (id) => {
      for (const one of all) one.onNotice?.(id);
    },
    close: async () => {
      await Promise.all(all.map(async (one) => one.close?.()));
    },
  };
}

/** What runs a workflow with these services. */
export function createRunnable(
  { load, name, result: schema, resultType: type }: WorkflowDefinition,
  services: unknown,
): RunnableWorkflow {
  return {
    run: async (run: WorkflowRun<Json>): Promise<JobResult> => {
      const module = await load();
      if (typeof module?.run !== 'function') {
        throw new PlayheadError(
          'INTERNAL',
          `The workflow ${name} has no code: its module exports no function \`run\``,
        );
      }
      // The definition's own types: the input is what its schema parsed, the services are what its setup started.
      const returned = await module.run(run as never, services as never);
      const checked = schema.safeParse(returned);
      if (checked.success && isJsonObject(checked.data)) return { ...checked.data, type };
      const faults = checked.error?.issues.map(
        ({ message, path }) => `; ${['result', ...path].join('.')}: ${message}`,
      );
      throw new PlayheadError(
        'INTERNAL',
        `The workflow ${name} returned a result that does not match its schema${faults?.join('') ?? ''}`,
        { cause: checked.error },
      );
    },
  };
}
