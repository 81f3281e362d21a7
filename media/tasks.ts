/** The kinds of work that run in media processes, with their inputs and results, and the messages in between. */
import type { ErrorCode } from 'playhead';
import type { CaptionLayout, CaptionRequest } from './captions/ass.ts';
import type { Voice } from './character.ts';
import type { ClipPlan, MouthPlace } from './clip-plan.ts';
import type { FfmpegTools } from './ffmpeg.ts';
import type { BedRequest } from './sound-bed/bed.ts';
import type { Speech } from './speech.ts';
import type { MouthCue } from './talking-head/mouth-cue.ts';
import type { ToolGuard } from './tool-guard.ts';

export interface FrameRange {
  readonly from: number;
  readonly to: number;
}

/** Input for drawing a clip's frames into a video file. */
export interface DrawClipInput extends DrawPartInput {
  /** False: without the speaker's mouth. */
  readonly withMouths: boolean;
}

/** Input for drawing something of a clip into a video file. */
export interface DrawPartInput {
  readonly plan: ClipPlan;
  /** Part of the clip, from frame `from` (included) to `to` (excluded); default: all of it. */
  readonly part?: FrameRange | undefined;
  readonly tools: FfmpegTools;
  /** Absolute path of the file to make. */
  readonly outputPath: string;
}

/** Input for drawing one frame as a small picture. */
export interface DrawStillInput {
  readonly plan: ClipPlan;
  /** Absolute path of the JPEG to make. */
  readonly outputPath: string;
}

/** Input for finding mouth shapes in speech. */
export interface HearMouthInput {
  /** Mono, 16 kHz. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** What is said, if known, which improves the result. */
  readonly text: string;
}

/** Every kind of work, with its input and result. Both are copied between processes. */
export interface PoolTasks {
  speak: { input: { readonly text: string; readonly voice: Voice }; result: Speech };
  speakKorean: { input: { readonly text: string; readonly voice: Voice }; result: Speech };
  hearMouth: { input: HearMouthInput; result: readonly MouthCue[] };
  drawClip: { input: DrawClipInput; result: null };
  drawMouths: { input: DrawPartInput; result: readonly MouthPlace[] };
  drawStill: { input: DrawStillInput; result: null };
  makeBed: { input: BedRequest; result: null };
  layOutCaptions: { input: CaptionRequest; result: CaptionLayout };
}
export type TaskKind = keyof PoolTasks;

/** What a task may use while it runs, inside the media process. */
export interface TaskContext {
  readonly signal: AbortSignal;
  /** Work done so far, in the task's own unit (frames). */
  readonly onProgress: (done: number) => void;
  /** Has the worker guard a tool, and kill it if this process no longer responds. */
  readonly guard: ToolGuard;
}

export type ToProcess =
  | { readonly type: 'run'; readonly kind: TaskKind; readonly input: PoolTasks[TaskKind]['input'] }
  | { readonly type: 'abort' };

export type FromProcess =
  | { readonly type: 'progress'; readonly done: number }
  | { readonly type: 'tool'; readonly pid: number | null }
  | { readonly type: 'result'; readonly result: PoolTasks[TaskKind]['result'] }
  | { readonly type: 'error'; readonly error: TaskError };

/** An error in the form in which it crosses processes (class instances cannot). */
export interface TaskError {
  /** Null when it was not a PlayheadError. */
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly stack: string | undefined;
}
