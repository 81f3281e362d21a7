/** Makes the workflows of a worker ready to run: loads their modules, and starts what they share. */
import { DefinitionError } from '../core/definition-error.ts';
import { PlayheadError } from '../core/errors.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { loadModule } from '../core/load-failure.ts';
import type { Workflow } from '../progress/steps.ts';
import type { RunnableWorkflow } from './attempt.ts';
import type { JobResult, WorkflowRun } from './contract.ts';
import type {
  WorkerContext,
  WorkerServices,
  WorkerSetup,
  WorkflowDefinition,
  WorkflowModule,
  Workflows,
} from './definition.ts';

export interface StartedWorkflows {
  readonly workflows: Readonly<Record<Workflow, RunnableWorkflow>>;
  /** What this worker can do, from everything that is shared. */
  abilities(): Promise<readonly string[]>;
  /** Passes an id that a notice names to everything that is shared. */
  notice(id: string): void;
  close(): Promise<void>;
}

/**
 * Loads the code of all workflows, so that faults in it are reported before the first job comes, and starts what they share.
 * @throws DefinitionError naming the file that can't be loaded; any error that a start throws
 */
export async function startWorkflows(
  definitions: Workflows,
  context: WorkerContext,
): Promise<StartedWorkflows> {
  const shared = new Map<WorkerSetup, WorkerServices>();
  const workflows: Record<Workflow, RunnableWorkflow> = {};
  for (const definition of definitions.values()) {
    const { name, worker } = definition;
    await loadRun(definition);
    if (worker !== null && !shared.has(worker)) {
      const { start } = await loadModule(`${name}.worker`, worker);
      shared.set(worker, await start(context));
    }
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

/** Loads all code of workflows, and starts nothing. @throws DefinitionError naming the file that can't be loaded */
export async function loadCode(definitions: Workflows): Promise<void> {
  for (const definition of definitions.values()) {
    await loadRun(definition);
    if (definition.worker !== null) await loadModule(`${definition.name}.worker`, definition.worker);
  }
}

/** @throws DefinitionError */
async function loadRun({ load, name }: Pick<WorkflowDefinition, 'load' | 'name'>): Promise<WorkflowModule> {
  const module = await loadModule(`${name}.run`, load);
  if (typeof module?.run === 'function') return module;
  throw new DefinitionError(`${name}.run: expected a module that exports a function \`run\``);
}

/** Makes what runs a workflow with these services. */
export function createRunnable(
  { load, name, result: schema, resultType: type }: WorkflowDefinition,
  services: unknown,
): RunnableWorkflow {
  return {
    run: async (run: WorkflowRun<Json>): Promise<JobResult> => {
      const module = await loadRun({ name, load });
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
