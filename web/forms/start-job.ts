/** Sends a workflow's mutation, which is only known from the server. */
import { request } from '../api/request.ts';
import { TypedDocumentString } from '../generated/graphql.ts';
import type { WorkflowInfo } from '../state/workflows.ts';

interface Order {
  readonly projectId: string;
  readonly idempotencyKey: string;
  readonly maxAttempts: unknown;
}

/** Starts a job, or a batch of several inputs. @returns the id of the job @throws RequestError */
export async function startJob(
  { batchInputType, batchMutation, inputType, mutation }: WorkflowInfo,
  inputs: readonly Readonly<Record<string, unknown>>[],
  order: Order,
): Promise<string> {
  const input = inputs.length === 1 ? { ...inputs[0], ...order } : { items: inputs, ...order };
  const document =
    inputs.length === 1 ? documentOf(mutation, inputType) : documentOf(batchMutation, batchInputType);
  return (await request(document, { input })).started.id;
}

function documentOf(mutation: string | null, inputType: string | null) {
  return new TypedDocumentString<{ readonly started: { readonly id: string } }, { readonly input: unknown }>(
    `mutation Start($input: ${inputType}!) { started: ${mutation}(input: $input) { id } }`,
  );
}
