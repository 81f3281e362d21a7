/** The server's workflows, loaded once and kept: they can be started, filtered by, and shown by name. */
import { request } from '../api/request.ts';
import { WorkflowsDocument, type WorkflowsQuery } from '../generated/graphql.ts';
import { createValue, useValue, type Value } from './value.ts';

export type WorkflowInfo = WorkflowsQuery['workflows'][number];

interface Workflows {
  /** In the server's order; null while unknown. */
  readonly all: readonly WorkflowInfo[] | null;
  /** Why they could not be loaded; null if loading has not failed. */
  readonly failure: unknown;
}

export const workflows: Value<Workflows> = createValue<Workflows>({ all: null, failure: null });

let loading: Promise<void> | null = null;

/** Loads them again; the known ones are kept until the answer arrives. Never rejects. */
export function loadWorkflows(): Promise<void> {
  loading ??= load().finally(() => {
    loading = null;
  });
  return loading;
}

async function load(): Promise<void> {
  try {
    const { workflows: all } = await request(WorkflowsDocument, {});
    workflows.set({ all, failure: null });
  } catch (failure) {
    workflows.set({ ...workflows.get(), failure });
  }
}

/** A workflow by name; undefined: the server has none of this name, or has not answered yet. */
export function useWorkflow(name: string): WorkflowInfo | undefined {
  return useValue(workflows).all?.find(({ workflow }) => workflow === name);
}
