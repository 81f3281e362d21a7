/**
 * What a workflow's definition says, its types erased: how the core creates, admits and carries out jobs of it.
 * `defineWorkflow` (src/workflow/define-workflow.ts) makes one.
 */
import type { z } from 'zod';
import type { Json } from '../core/json.ts';
import type { Logger } from '../core/logger.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import type { JobStatus } from '../progress/state.ts';
import type { Workflow, WorkflowSteps } from '../progress/steps.ts';
import type { ToolLimits } from '../settings/security-settings.ts';
import type { SettingsTable } from '../settings/setting.ts';
import type { WorkflowRun } from './contract.ts';

/** What an admission may look up. */
export interface AdmissionContext {
  readonly projectId: string;
  /** A job of the same project; null when there is none with this id. */
  job(id: string): Promise<AdmittedJob | null>;
  /**
   * The first of these abilities that no worker offers; undefined when all are offered, and while no worker is there: the job
   * then waits for one, and its first step finds out.
   */
  missingAbility<Ability extends string>(needed: readonly Ability[]): Promise<Ability | undefined>;
}

/** A job as an admission sees it. */
export interface AdmittedJob {
  readonly workflow: Workflow;
  readonly status: JobStatus;
  readonly isBatch: boolean;
  readonly result: Json;
}

/** What a worker process gives to the services that its workflows share. */
export interface WorkerContext {
  /** The values of the settings that the workflows declare, checked; by the settings' names. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
  /** How long one step may take. */
  readonly stepTimeoutMs: number;
  /** How long the worker may be silent before its jobs go on elsewhere. */
  readonly lockMs: number;
  readonly toolLimits: ToolLimits;
  /** PATH, where programs are looked for. */
  readonly searchPath: string | undefined;
  /** Address that a provider can be told to call when something has happened; undefined: there is none. */
  readonly noticeUrl: string | undefined;
}

/** What the workflows of a worker process share, made once before its first job. */
export interface WorkerServices<Services = unknown> {
  /** Passed to `run` unchanged. */
  readonly services: Services;
  /** What this worker can do; called for every heartbeat and reported with it. Default: nothing that needs reporting. */
  abilities?(): Promise<readonly string[]>;
  /** Which parts of a workflow's work remote providers do: their names joined by `+`. Default: `local`. Runs are compared within it. */
  setupOf?(workflow: Workflow): string;
  /** Called for every id that a notice names (PLAYHEAD_WEBHOOK_TOKEN). */
  onNotice?(id: string): void;
  close?(): Promise<void>;
}

/** Loads and starts what workflows share. Workflows that name the same function share what it returns. */
export type WorkerSetup<Services = unknown> = () => Promise<{
  start(context: WorkerContext): Promise<WorkerServices<Services>>;
}>;

/** A workflow, its types erased. */
export interface WorkflowDefinition extends WorkflowSteps {
  readonly name: Workflow;
  /** What people call it, for example `Video`. */
  readonly label: string;
  /** One sentence. */
  readonly description: string;
  /** The GraphQL mutation that enqueues a job. */
  readonly mutation: string;
  /** The command of the command line. */
  readonly command: string;
  /** Null: it has no batches. */
  readonly batch: BatchDefinition | null;
  readonly inputType: string;
  readonly resultType: string;
  /** What it parses is stored with the job as JSON. The paths of its issues become field paths. */
  readonly input: z.ZodType;
  readonly result: z.ZodType;
  readonly settings: SettingsTable;
  measure(input: unknown): WorkSize;
  /** What a person would call a job with this input; empty when there is nothing to call it by. */
  title(input: unknown): string;
  /** @throws PlayheadError for what can't be carried out; the field of BAD_USER_INPUT is relative to the input */
  admit(input: unknown, context: AdmissionContext): Promise<WorkSize>;
  readonly worker: WorkerSetup | null;
  /** Only workers load it. */
  load(): Promise<WorkflowModule>;
}

export interface BatchDefinition {
  readonly mutation: string;
  readonly taskName: string;
  readonly itemType: string;
}

/** The module that a workflow's `run` loads. */
export interface WorkflowModule {
  run(run: WorkflowRun<never, never>, services: never): Promise<unknown>;
}

/** The workflows of a process, by name. */
export type Workflows = ReadonlyMap<Workflow, WorkflowDefinition>;
