/**
 * The workflows and their step tables, fixed by the product's owner. This is the one definition from which
 * the progress mapper, the GraphQL enums, Query.workflows and the runner's checks are made.
 */

export const WORKFLOWS = ['DIRECTOR', 'AUDIO', 'WRITER', 'LIPSYNC'] as const;
export type Workflow = (typeof WORKFLOWS)[number];

/** One step with the job's progress (0..1) at its start and end. */
export interface StepRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

interface WorkflowSteps {
  readonly taskName: string;
  readonly steps: readonly StepRange[];
}

export const STEP_TABLES = {
  DIRECTOR: {
    taskName: 'video_generation',
    steps: [
      { name: 'start', from: 0, to: 0.05 },
      { name: 'load_character', from: 0.05, to: 0.1 },
      { name: 'parse_script', from: 0.1, to: 0.1 },
      { name: 'generate_videos', from: 0.1, to: 0.6 },
      { name: 'lipsync', from: 0.6, to: 0.75 },
      { name: 'subtitles', from: 0.75, to: 0.85 },
      { name: 'render', from: 0.85, to: 1 },
      { name: 'complete', from: 1, to: 1 },
    ],
  },
  AUDIO: {
    taskName: 'verified_audio',
    steps: [
      { name: 'start', from: 0, to: 0.05 },
      { name: 'normalize_text', from: 0.05, to: 0.05 },
      { name: 'tts_generation', from: 0.05, to: 0.3 },
      { name: 'stt_verification', from: 0.3, to: 0.6 },
      { name: 'similarity_check', from: 0.6, to: 0.7 },
      { name: 'retry_loop', from: 0.7, to: 0.9 },
      { name: 'save_file', from: 0.9, to: 1 },
    ],
  },
  WRITER: {
    taskName: 'script_writing',
    steps: [
      { name: 'start', from: 0, to: 0.05 },
      { name: 'analyze_brief', from: 0.05, to: 0.15 },
      { name: 'outline', from: 0.15, to: 0.35 },
      { name: 'draft_scenes', from: 0.35, to: 0.65 },
      { name: 'write_dialogue', from: 0.65, to: 0.85 },
      { name: 'review', from: 0.85, to: 0.95 },
      { name: 'save_script', from: 0.95, to: 1 },
    ],
  },
  LIPSYNC: {
    taskName: 'lipsync',
    steps: [
      { name: 'start', from: 0, to: 0.05 },
      { name: 'load_media', from: 0.05, to: 0.15 },
      { name: 'analyze_audio', from: 0.15, to: 0.45 },
      { name: 'apply_lipsync', from: 0.45, to: 0.9 },
      { name: 'save_file', from: 0.9, to: 1 },
    ],
  },
} as const satisfies Record<Workflow, WorkflowSteps>;

export type StepName<W extends Workflow> = (typeof STEP_TABLES)[W]['steps'][number]['name'];
