/** The workflows that a server has. */
import type { Api } from './api.ts';
import { usageFailure } from './failure.ts';
import { readFields } from './fields.ts';
import { type WorkflowInfo, WorkflowsDocument } from './operations.ts';

/** @throws Failure; the signal's reason */
export async function loadWorkflows(api: Api, signal?: AbortSignal): Promise<readonly WorkflowInfo[]> {
  const { workflows } = await api.request(WorkflowsDocument, {}, signal && { signal });
  return workflows;
}

/** The workflows with these names. @throws Failure USAGE listing the existing names */
export async function namedWorkflows(
  api: Api,
  names: readonly string[],
): Promise<readonly WorkflowInfo['workflow'][]> {
  if (names.length === 0) return [];
  const known = (await loadWorkflows(api)).map(({ workflow }) => workflow);
  const wrong = names.filter((name) => !known.some((workflow) => workflow === name));
  if (wrong.length === 0) return known.filter((workflow) => names.includes(workflow));
  throw usageFailure(`--workflow: expected any of ${known.join(', ')}, received ${wrong.join(', ')}`);
}

/** The titles of the fields of a result type. Empty when no workflow has it, or the server does not answer in time. */
export async function titlesOf(
  api: Api,
  resultType: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const workflows = await loadWorkflows(api, signal).catch(() => []);
  const found = workflows.find((workflow) => workflow.resultType === resultType);
  return new Map(readFields(found?.resultSchema).map(({ name, title }) => [name, title]));
}
