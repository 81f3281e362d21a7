/** Starts jobs of any workflow. */
import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';
import { EXIT, type ExitCode } from './failure.ts';
import { followJob } from './follow.ts';
import { jobLine } from './json-view.ts';
import { TypedDocumentString, type WorkflowInfo } from './operations.ts';
import { type CommonOptions, Session } from './session.ts';
import { loadJob } from './watch.ts';

/** The options of every command that starts a job. */
export interface StartOptions extends CommonOptions {
  readonly maxAttempts?: number;
  readonly idempotencyKey?: string;
  readonly detach?: true;
}

/** A job's input, by the names of the workflow's fields. */
export type Input = Readonly<Record<string, unknown>>;

interface StartRequest {
  readonly projectId: string;
  readonly maxAttempts?: number | undefined;
  /** @default a new one, so that a request that broke off can be resent without creating a second job */
  readonly idempotencyKey?: string | undefined;
  /** Several make a batch, if the workflow has batches. */
  readonly inputs: readonly Input[];
}

/** Starts a job or a batch. @returns its id @throws Failure */
export async function startJob(api: Api, workflow: WorkflowInfo, request: StartRequest): Promise<string> {
  const { idempotencyKey = randomUUID(), inputs, ...others } = request;
  const { batchInputType, batchMutation } = workflow;
  const isBatch = inputs.length > 1 && batchMutation !== null && batchInputType !== null;
  const mutation = isBatch ? batchMutation : workflow.mutation;
  const inputType = isBatch ? batchInputType : workflow.inputType;
  const document = new TypedDocumentString<StartMutation, { readonly input: Input }>(
    `mutation Start($input: ${inputType}!) { started: ${mutation}(input: $input) { id } }`,
  );
  const own = isBatch ? { items: inputs } : inputs[0];
  const { started } = await api.request(document, { input: { ...others, idempotencyKey, ...own } });
  return started.id;
}

interface StartMutation {
  readonly started: { readonly id: string };
}

/** Starts a job or a batch for a command, and follows it. @throws Failure */
export async function start(
  workflow: WorkflowInfo,
  inputs: readonly Input[],
  options: StartOptions,
): Promise<ExitCode> {
  const session = new Session(options);
  const { api, projectId } = session;
  const { detach, idempotencyKey, maxAttempts } = options;
  const id = await startJob(api, workflow, { projectId, maxAttempts, idempotencyKey, inputs });
  if (!detach) {
    session.out(`Job ${id}\n`);
    return followJob(session, id, true);
  }
  if (session.json) session.line(jobLine(await loadJob(api, projectId, id)));
  session.out(id);
  return EXIT.done;
}
