/**
 * A workflow is one object. From it follow the enum value, the mutation with its input type, the result type, the batch
 * mutation, Query.workflows, the step table, admission, and the form, card and command of the clients.
 */
import type { z } from 'zod';
import { DefinitionError } from '../core/definition-error.ts';
import type { WorkflowRun } from '../jobs/contract.ts';
import type {
  AdmissionContext,
  BatchDefinition,
  WorkerSetup,
  WorkflowDefinition,
  WorkflowModule,
} from '../jobs/definition.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import { type StepNames, type StepShares, toStepRanges } from '../progress/step-shares.ts';
import { WORKFLOW_NAME } from '../progress/steps.ts';
import type { SettingsTable } from '../settings/setting.ts';
import { type Field, labelOf, readFields, toJsonSchema } from './fields.ts';

/** Prefix of a batch's task name. */
const BATCH_PREFIX = 'batch_';

/** Options of `defineWorkflow`. */
export interface WorkflowOptions<
  Input extends z.ZodType,
  Result extends z.ZodObject,
  Steps extends StepShares,
  Services,
> {
  /** Its value in the GraphQL enum Workflow: capital letters, digits and `_`, for example `TRANSCODE`. */
  readonly name: string;
  /** The name shown to people. @default the name in words, such as `Make poster` */
  readonly label?: string;
  /** What it does, in one sentence. */
  readonly description: string;
  /** The mutation that enqueues a job. @default the name in camel case, such as `transcode` or `makePoster` */
  readonly mutation?: string;
  /** The task name in jobs and events. @default the name in lower case */
  readonly taskName?: string;
  /** Its command on the command line. @default the name in kebab case, such as `transcode` or `make-poster` */
  readonly command?: string;
  /**
   * Whether it can run in batches: `true`, or the name of an item's input type. The mutation is the workflow's with the suffix
   * `Batch`. @default false
   */
  readonly batch?: boolean | { readonly itemType: string };
  /** The steps in the order in which `run` takes them, each with its share of the time or its range within 0..1. */
  readonly steps: Steps;
  /** A job's input. Its fields become those of the mutation's input; the parsed values are stored with the job as JSON. */
  readonly input: Input;
  /** A finished job's result; use `artifact()` for files. */
  readonly result: Result;
  /** The result's type in GraphQL. @default such as `TranscodeResult` */
  readonly resultType?: string;
  /**
   * What a person would call a job with this input, such as the name of the film that it makes; lines are joined, and it is cut
   * at 200 characters. @default the input's field `title`, if it is a text
   */
  readonly title?: (input: z.output<Input>) => string | null;
  /** How much work an input is, for estimating the remaining time. @default the length of its longest text */
  readonly measure?: (input: z.output<Input>) => WorkSize;
  /**
   * Refuses input that cannot be carried out, before it is queued.
   * @returns how much work it is, as far as this check can tell
   */
  readonly admit?: (
    input: z.output<Input>,
    context: AdmissionContext,
  ) => Promise<WorkSize | undefined> | Promise<void>;
  /** Settings (environment variables) that it reads; checked at startup with the server's own. */
  readonly settings?: SettingsTable;
  /** Loads what it shares with other workflows of a worker process, such as a pool or a connection. */
  readonly worker?: WorkerSetup<Services>;
  /** Loads the module whose `run` carries out a job. Only workers call it. */
  readonly run: () => Promise<{
    run(run: WorkflowRun<z.output<Input>, StepNames<Steps>>, services: Services): Promise<z.input<Result>>;
  }>;
}

/**
 * Defines a workflow.
 * @throws DefinitionError naming the invalid field
 * @example
 * export const transcode = defineWorkflow({
 *   name: 'TRANSCODE',
 *   description: 'Brings a video to another size.',
 *   steps: { probe: 0.1, encode: 0.8, save_file: 0.1 },
 *   input: z.object({ source: z.string().describe('A URL.'), height: z.int().min(144).max(2160) }),
 *   result: z.object({ video: artifact('video/mp4'), totalDuration: z.number() }),
 *   run: () => import('./run.ts'),
 * });
 */
export function defineWorkflow<
  Input extends z.ZodType,
  Result extends z.ZodObject,
  const Steps extends StepShares,
  Services = undefined,
>(options: WorkflowOptions<Input, Result, Steps, Services>): WorkflowDefinition {
  const { name, input, result, settings = {}, worker = null } = options;
  if (!WORKFLOW_NAME.test(name)) {
    throw new DefinitionError(
      `name: expected capital letters, digits and _, received ${JSON.stringify(name)}`,
    );
  }
  if (typeof options.description !== 'string' || options.description === '') {
    throw new DefinitionError(`${name}.description: expected what it does, in one sentence`);
  }
  if (typeof options.run !== 'function') {
    throw new DefinitionError(`${name}.run: expected a function such as () => import('./run.ts')`);
  }
  const mutation = options.mutation ?? camelCase(name);
  const taskName = options.taskName ?? name.toLowerCase();
  const command = options.command ?? name.toLowerCase().replaceAll('_', '-');
  if (!/^[a-z][a-z0-9-]*$/.test(command)) {
    throw new DefinitionError(
      `${name}.command: expected small letters, digits and -, received ${JSON.stringify(command)}`,
    );
  }
  if (taskName.startsWith(BATCH_PREFIX)) {
    throw new DefinitionError(`${name}.taskName: expected no ${BATCH_PREFIX} in front, which marks batches`);
  }
  const definition: WorkflowDefinition = {
    name,
    label: options.label ?? labelOf(name),
    description: options.description,
    mutation,
    taskName,
    command,
    batch: toBatch(options.batch ?? false, mutation, taskName),
    steps: toStepRanges(options.steps, `${name}.steps`),
    inputType: `${capital(mutation)}Input`,
    resultType: options.resultType ?? `${capital(camelCase(name))}Result`,
    input,
    result,
    settings,
    // These functions are typed for what the schemas parse, which the core only knows as unknown.
    measure: (options.measure as ((parsed: unknown) => WorkSize) | undefined) ?? measureText,
    title: (parsed) =>
      (options.title === undefined ? ownTitle(parsed) : options.title(parsed as z.output<Input>)) ?? '',
    admit: async (parsed, context) => (await options.admit?.(parsed as z.output<Input>, context)) ?? {},
    worker,
    load: options.run as unknown as () => Promise<WorkflowModule>,
  };
  // Checked now, so that anything GraphQL cannot express is refused where it is defined.
  checkFields(readFields(toJsonSchema(input, 'input', `${name}.input`), `${name}.input`), {
    where: `${name}.input`,
    taken: ['projectId', 'idempotencyKey', 'maxAttempts'],
  });
  checkFields(readFields(toJsonSchema(result, 'output', `${name}.result`), `${name}.result`), {
    where: `${name}.result`,
    taken: ['type', 'data', 'artifacts'],
  });
  return definition;
}

/** Refuses fields named like those that Playhead adds to every input or result. */
function checkFields(
  fields: readonly Field[],
  { taken, where }: { readonly taken: readonly string[]; readonly where: string },
): void {
  const found = fields.find(({ name }) => taken.includes(name));
  if (found === undefined) return;
  throw new DefinitionError(`${where}.${found.name}: expected a name other than ${taken.join(', ')}`);
}

function toBatch(
  batch: boolean | { readonly itemType: string },
  mutation: string,
  taskName: string,
): BatchDefinition | null {
  if (batch === false) return null;
  return {
    mutation: `${mutation}Batch`,
    taskName: `${BATCH_PREFIX}${taskName}`,
    itemType: batch === true ? `${capital(mutation)}ItemInput` : batch.itemType,
  };
}

/** The length of the longest text, which most work grows with. */
function measureText(input: unknown): WorkSize {
  const texts = Object.values(Object(input) as object).filter((value) => typeof value === 'string');
  return texts.length === 0 ? {} : { characters: Math.max(...texts.map((text) => text.length)) };
}

function ownTitle(input: unknown): string | null {
  const title: unknown = Reflect.get(Object(input) as object, 'title');
  return typeof title === 'string' ? title : null;
}

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
