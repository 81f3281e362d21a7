/**
 * What a workflow is to the core, which knows none by name. A workflow walks its steps and returns a result; the runner
 * (attempt.ts) publishes start, step changes, retries and the ending, keeps what finished steps returned, and cleans up.
 * `defineWorkflow` (src/workflow) makes definitions, with their types.
 */
import type { Json, JsonObject } from '../core/json.ts';
import type { LineLevel } from '../core/step-lines.ts';
import type { WorkSize } from '../progress/run-so-far.ts';

/** A file kept in the artifact store. A step may return it: a `type`, unlike an interface, counts as JSON. */
export type StoredFile = {
  /** Name inside the job, for example `video.mp4`. */
  readonly name: string;
  /** Place in the store: `projectId/jobId/name`. */
  readonly path: string;
  readonly contentType: string;
  readonly sizeBytes: number;
};

/** The files of one job. Finished files outlive the attempt; scratch does not. */
export interface JobFiles {
  /**
   * Absolute path of an empty folder for this attempt's half-made files; made when it is first asked for, removed when
   * the attempt ends.
   */
  readonly scratch: string;
  /**
   * Moves a finished file from scratch into the store, written aside and then renamed, so that nobody sees it half-written.
   * @param name letters, digits, `.`, `_`, `-` and `/`, with an ending that says its type (`.mp4`, `.csv`); names under
   *   `steps/` are intermediate files, removed when the job has completed
   * @param path where the file is now
   * @throws RangeError for another name, or a path where no file is; PlayheadError STORAGE_FAILED
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
  /**
   * Shows a small picture, or a second of sound, of what is being made (`ProgressEvent.preview`): the newest replaces the one
   * before, and the last is removed when the attempt ends. It is not an artifact; a preview that can't be stored is left out.
   * @param path a finished file, which is moved away; at most 200,000 bytes, with an ending that says its type (.jpg .png .webp
   *   .avif .gif .wav .mp3 .ogg .m4a .txt)
   * @throws RangeError for another file
   */
  preview(path: string): Promise<void>;
  /**
   * Keeps a line with the job, shown on its page together with the lines of the step's programs and providers. Never waits; the
   * newest 500 lines of a job are kept, with secrets removed.
   * @param text at most 1,000 characters of it are kept
   * @param level @default info
   */
  log(text: string, level?: LineLevel): void;
}

/** One attempt of one job, as its workflow sees it. */
export interface WorkflowRun<Input, Step extends string = string> {
  readonly projectId: string;
  readonly jobId: string;
  /** 1 for the first run. */
  readonly attempt: number;
  readonly input: Input;
  readonly signal: AbortSignal;
  readonly files: JobFiles;
  /**
   * Runs a step. Steps must be walked in the table's order, each once. When an earlier attempt finished the step, `work` is not
   * called and what it returned then is returned again, so the output must be plain JSON and name files by their stored name.
   * @throws PlayheadError CANCELLED when the attempt has been stopped
   */
  step<Output extends Json>(
    name: Step,
    message: string,
    work: (step: StepRun) => Promise<Output>,
  ): Promise<Output>;
  /**
   * Reports how much work this is, as soon as a part of it is known: the remaining time is predicted from it. Call it outside
   * of steps, so that a retry that skips them reports it too.
   * @param size what is known now; what was reported before stays
   * @example run.measure({ clips: 3 })
   */
  measure(size: WorkSize): void;
  /** Whether the job itself has ended, for example by cancelJob, so that work begun for it elsewhere may be given up. */
  isGivenUp(): boolean;
  /** Adds a warning, shown in the metadata of every later event (key `warnings`); kept across attempts. */
  warn(message: string): void;
}

/** What a finished job made: its type's name, and the fields that the workflow's result schema takes. */
export interface JobResult extends JsonObject {
  readonly type: string;
}

/** The result of a batch, whatever became of its items. */
export interface BatchResult {
  readonly type: 'BatchResult';
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}
