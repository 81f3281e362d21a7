/** The public API, for defining workflows and a project's configuration. */
export { DefinitionError } from './core/definition-error.ts';
export { badInput, ERRORS, type ErrorCode, PlayheadError } from './core/errors.ts';
export { isJsonObject, type Json, type JsonObject } from './core/json.ts';
export type { Logger } from './core/logger.ts';
export { pause } from './core/pause.ts';
export { Secret } from './core/secret.ts';
export type { LineLevel } from './core/step-lines.ts';
export { describeStorage, storageFailure } from './core/storage-failure.ts';
export { endOf, shorten, startOf } from './core/text.ts';
export { measureTool, type ToolSpan } from './core/tool-run.ts';
export type { JobFiles, JobResult, StepRun, StoredFile, WorkflowRun } from './jobs/contract.ts';
export type {
  AdmissionContext,
  AdmittedJob,
  WorkerContext,
  WorkerServices,
  WorkerSetup,
  WorkflowDefinition,
} from './jobs/definition.ts';
export { createMessages, LANGUAGES, type Language, type Messages, type Say } from './jobs/messages.ts';
export { createProgressMapper, type ProgressMapper } from './progress/mapper.ts';
export type { WorkSize } from './progress/run-so-far.ts';
export type { StepNames } from './progress/step-shares.ts';
export type { StepRange, Workflow } from './progress/steps.ts';
export { ffmpegFault, findFfmpeg } from './settings/ffmpeg.ts';
export type { ToolLimits } from './settings/security-settings.ts';
export { onOrOff, type Setting, type SettingsTable, secretText, wholeNumber } from './settings/setting.ts';
export { defineConfig, type ProjectConfig } from './workflow/define-config.ts';
export { defineWorkflow, type WorkflowOptions } from './workflow/define-workflow.ts';
export { artifact, jobId } from './workflow/schemas.ts';
