/**
 * What a workflow is. A workflow walks its steps and returns a result; the runner (attempt.ts) publishes start,
 * step changes, retries and the ending, keeps what finished steps returned, and cleans up.
 */

import type { z } from 'zod';
import type { Json, JsonObject } from '../core/json.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import type { StepName, Workflow } from '../progress/steps.ts';

/** A file kept in the artifact store. */
export interface StoredFile {
  /** Name inside the job, for example `video.mp4`. */
  readonly name: string;
  /** Place in the store: `projectId/jobId/name`. */
  readonly path: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** The files of one job. Finished files outlive the attempt; scratch does not. */
export interface JobFiles {
  /**
   * Absolute path of an empty folder for this attempt's half-made files; made when it is first asked for, removed when
   * the attempt ends.
   */
  readonly scratch: string;
  /**
   * Moves a finished file from scratch into the store, aside and renamed, so that nobody sees it half-written.
   * @param name letters, digits, `.`, `_`, `-` and `/`; names under `steps/` are intermediate files, removed when the
   *   job has completed
   */
  save(name: string, path: string): Promise<StoredFile>;
  /** Absolute local path of a stored file, fetched first where the store is remote. Do not write to it. */
  open(name: string): Promise<string>;
  /**
   * Absolute local path of an artifact of another job in the same project. Do not write to it.
   * @throws PlayheadError INVALID_INPUT when that job has no such artifact (any more)
   */
  openArtifact(jobId: string, name: string): Promise<string>;
}

/** What a step may do while it runs. */
export interface StepRun {
  /** Aborted on cancel, lost lock, shutdown and time limit; pass it to every tool. */
  readonly signal: AbortSignal;
  /**
   * Reports progress inside the step. Cheap enough for a hot loop: never waits, keeps the newest.
   * @param progress 0..1 within the step; values below an earlier one are ignored
   */
  update(progress: number, message: string, metadata?: JsonObject): void;
}

/** One attempt of one job, as its workflow sees it. */
export interface WorkflowRun<Input, Step extends string> {
  readonly projectId: string;
  readonly jobId: string;
  /** 1 for the first run. */
  readonly attempt: number;
  readonly input: Input;
  readonly signal: AbortSignal;
  readonly files: JobFiles;
  /**
   * Runs a step. Steps must be walked in the table's order, each once. When an earlier attempt finished the step,
   * `work` is not called and what it returned then is given back, so the output must be plain JSON and name files by
   * their stored name.
   * @throws PlayheadError CANCELLED when the attempt has been stopped
   */
  step<Output extends Json>(
    name: Step,
    message: string,
    work: (step: StepRun) => Promise<Output>,
  ): Promise<Output>;
  /**
   * Tells how much work this is, as soon as a part of it is known: the remaining time is predicted by it. The characters of
   * the input's text are known from the start (measure.ts). Call it outside of steps, so that a retry that skips them tells
   * it too.
   * @param size what is known now; what was told before stays
   * @example run.measure({ clips: 3 })
   */
  measure(size: WorkSize): void;
  /** Adds a warning, shown in the metadata of every later event (key `warnings`); kept across attempts. */
  warn(message: string): void;
}

export interface VideoResult {
  readonly type: 'VideoResult';
  readonly finalVideoPath: string;
  readonly video: StoredFile;
  readonly subtitles: StoredFile;
  readonly thumbnail: StoredFile;
  /** Seconds. */
  readonly totalDuration: number;
  readonly totalCostUsd: number;
  readonly clips: number;
}
export interface AudioResult {
  readonly type: 'AudioResult';
  readonly audio: StoredFile;
  readonly transcript: string;
  /** 0..1. */
  readonly similarity: number;
  readonly tries: number;
  readonly totalDuration: number;
  readonly totalCostUsd: number;
}
export interface ScriptResult {
  readonly type: 'ScriptResult';
  readonly script: StoredFile;
  readonly title: string;
  readonly text: string;
  readonly scenes: number;
  readonly estimatedDuration: number;
  readonly totalCostUsd: number;
}
export interface LipsyncResult {
  readonly type: 'LipsyncResult';
  readonly video: StoredFile;
  readonly cues: StoredFile;
  readonly totalDuration: number;
  readonly totalCostUsd: number;
}
export interface BatchResult {
  readonly type: 'BatchResult';
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}
/** Every result by its type; a workflow's file adds its own (docs/new-workflow.md). */
export interface JobResults {
  VideoResult: VideoResult;
  AudioResult: AudioResult;
  ScriptResult: ScriptResult;
  LipsyncResult: LipsyncResult;
  BatchResult: BatchResult;
}
export type JobResult = JobResults[keyof JobResults];

/** A workflow: its name, how its input is parsed, and how its steps are walked. */
export interface WorkflowDefinition<W extends Workflow, Input, Result extends JobResult> {
  readonly workflow: W;
  /**
   * Parses the input at the border. Issue messages read `expected …`; paths become the field's path. What it returns
   * is stored with the job and handed to `run`.
   */
  readonly input: z.ZodType<Input>;
  run(run: WorkflowRun<Input, StepName<W>>): Promise<Result>;
}
