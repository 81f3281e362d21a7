/** A recorded run as the product would have seen it: as a record in the history, and at any moment while it ran. */

import type { RunRecord, RunSoFar, WorkSize } from '../../src/progress/run-so-far.ts';
import type { StepRange, Workflow } from '../../src/progress/steps.ts';
import { tableOf } from '../../test/setup/workflows.ts';
import type { RecordedRun } from './recorded.ts';

/** A recorded event, in seconds and shares. */
export interface Moment {
  readonly seconds: number;
  /** -1 before the first step. */
  readonly step: number;
  /** 0..1 of the job. */
  readonly progress: number;
}

export interface Replay {
  readonly run: RecordedRun;
  readonly record: RunRecord;
  readonly totalSeconds: number;
  readonly moments: readonly Moment[];
  readonly table: readonly StepRange[];
  /** When each step began, in seconds; undefined for a step that was not reached. */
  readonly begins: readonly (number | undefined)[];
}

export function replayOf(run: RecordedRun): Replay {
  const table: readonly StepRange[] = tableOf(run.workflow);
  const moments = run.events.map(([ms, step, millionths]) => ({
    seconds: ms / 1_000,
    step,
    progress: millionths / 1e6,
  }));
  const totalSeconds = moments.at(-1)?.seconds ?? 0;
  const begins = table.map((_, index) => moments.find(({ step }) => step === index)?.seconds);
  const steps: Record<string, number> = {};
  for (const [index, { name }] of table.entries()) {
    const begin = begins[index];
    if (begin !== undefined) steps[name] = (nextBegin(begins, index) ?? totalSeconds) - begin;
  }
  const halves: Record<string, number> = {};
  for (const [index, { name, from, to }] of table.entries()) {
    const begin = begins[index];
    const half = moments.find(({ step, progress }) => step === index && progress >= (from + to) / 2);
    if (begin !== undefined && half !== undefined && to > from) halves[name] = half.seconds - begin;
  }
  const record = { steps, halves, size: sizeAt(run, table, table.length) };
  return { run, record, totalSeconds, moments, table, begins };
}

/** The state of the run after `seconds`: according to its last event by then, and the time since. */
export function soFarAt({ run, record, moments, table, begins }: Replay, seconds: number): RunSoFar {
  const last = moments.findLast((moment) => moment.seconds <= seconds);
  const step = last?.step ?? -1;
  const progress = last?.progress ?? 0;
  const finished: Record<string, number> = {};
  for (const { name } of table.slice(0, Math.max(0, step))) {
    const taken = record.steps[name];
    if (taken !== undefined) finished[name] = taken;
  }
  const range = table[step];
  const width = range === undefined ? 0 : range.to - range.from;
  return {
    elapsedSeconds: seconds,
    finished,
    skipped: [],
    current:
      range === undefined
        ? null
        : {
            step: range.name,
            elapsedSeconds: seconds - (begins[step] ?? seconds),
            share: width > 0 ? Math.min(1, Math.max(0, (progress - range.from) / width)) : 0,
          },
    size: sizeAt(run, table, step),
    progress,
  };
}

/**
 * What is known about the size while a step runs: from the start the characters of the input, the requested scenes and the
 * length of the speech to be synced; the rest from the step after the one that determines it (WorkflowRun.measure).
 */
const KNOWN_FROM: Readonly<
  Record<Workflow, readonly (readonly [measure: keyof WorkSize, recordedAs: string, from: string])[]>
> = {
  DIRECTOR: [
    ['clips', 'clips', 'generate_videos'],
    ['seconds', 'totalDuration', 'lipsync'],
  ],
  AUDIO: [['seconds', 'totalDuration', 'stt_verification']],
  WRITER: [
    ['clips', 'wanted', 'start'],
    ['clips', 'scenes', 'draft_scenes'],
  ],
  LIPSYNC: [['seconds', 'seconds', 'start']],
};

function sizeAt({ workflow, sizes }: RecordedRun, table: readonly StepRange[], step: number): WorkSize {
  const { characters } = sizes;
  const found = (KNOWN_FROM[workflow] ?? []).flatMap(([measure, name, from]) => {
    const value = sizes[name];
    const isKnown = value !== undefined && step >= table.findIndex((range) => range.name === from);
    return isKnown ? [[measure, value] as const] : [];
  });
  return { ...(characters !== undefined && { characters }), ...Object.fromEntries(found) };
}

function nextBegin(begins: readonly (number | undefined)[], index: number): number | undefined {
  return begins.slice(index + 1).find((begin) => begin !== undefined);
}
