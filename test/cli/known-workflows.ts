/** The workflows of this project's configuration, as its server tells the command line. */
import { graphql } from 'graphql';
import { type WorkflowInfo, WorkflowsDocument } from '../../cli/operations.ts';
import { createSchema } from '../../src/schema/index.ts';
import { loadWorkflows } from '../../src/workflow/project.ts';

export async function knownWorkflows(): Promise<readonly WorkflowInfo[]> {
  const schema = createSchema(await loadWorkflows());
  const { data, errors } = await graphql({ schema, source: WorkflowsDocument.toString() });
  if (errors !== undefined) throw new AggregateError(errors);
  return (data as unknown as { readonly workflows: readonly WorkflowInfo[] }).workflows;
}
