import { describe, expect, test } from 'vitest';
import { steps as audio } from '../../media/workflows/audio/definition.ts';
import { steps as director } from '../../media/workflows/director/definition.ts';
import { steps as lipsync } from '../../media/workflows/lipsync/definition.ts';
import { steps as writer } from '../../media/workflows/writer/definition.ts';
import { createProgressMapper, mapProgress, stepRange } from '../../src/progress/mapper.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { definitionOf, tableOf, WORKFLOWS } from '../setup/workflows.ts';

/** Retyped from the specification on purpose: the owner's numbers are held against the code, not the code against itself. */
type Row = readonly [step: string, from: number, to: number];
const TABLES: Readonly<Record<Workflow, readonly [taskName: string, ...rows: Row[]]>> = {
  DIRECTOR: [
    'video_generation',
    ['start', 0.0, 0.05],
    ['load_character', 0.05, 0.1],
    ['parse_script', 0.1, 0.1],
    ['generate_videos', 0.1, 0.6],
    ['lipsync', 0.6, 0.75],
    ['subtitles', 0.75, 0.85],
    ['render', 0.85, 1.0],
    ['complete', 1.0, 1.0],
  ],
  AUDIO: [
    'verified_audio',
    ['start', 0.0, 0.05],
    ['normalize_text', 0.05, 0.05],
    ['tts_generation', 0.05, 0.3],
    ['stt_verification', 0.3, 0.6],
    ['similarity_check', 0.6, 0.7],
    ['retry_loop', 0.7, 0.9],
    ['save_file', 0.9, 1.0],
  ],
  WRITER: [
    'script_writing',
    ['start', 0.0, 0.05],
    ['analyze_brief', 0.05, 0.15],
    ['outline', 0.15, 0.35],
    ['draft_scenes', 0.35, 0.65],
    ['write_dialogue', 0.65, 0.85],
    ['review', 0.85, 0.95],
    ['save_script', 0.95, 1.0],
  ],
  LIPSYNC: [
    'lipsync',
    ['start', 0.0, 0.05],
    ['load_media', 0.05, 0.15],
    ['analyze_audio', 0.15, 0.45],
    ['apply_lipsync', 0.45, 0.9],
    ['save_file', 0.9, 1.0],
  ],
};

describe.each([...WORKFLOWS.keys()])('the steps of %s', (workflow) => {
  const [taskName, ...rows] = TABLES[workflow] ?? [''];
  const table = tableOf(workflow);

  test('are those of the specification, in its order', () => {
    expect(definitionOf(workflow).taskName).toBe(taskName);
    expect(tableOf(workflow).map(({ name, from, to }) => [name, from, to])).toEqual(rows);
  });

  test('begin at 0, end at 1, and each begins where the one before it ended', () => {
    expect(table[0]?.from).toBe(0);
    expect(table.at(-1)?.to).toBe(1);
    expect(table.slice(1).map(({ from }) => from)).toEqual(table.slice(0, -1).map(({ to }) => to));
  });

  test.each(rows)('%s goes from %d to %d of the job', (step, from, to) => {
    expect(mapProgress(table, step, 0)).toBe(from);
    expect(mapProgress(table, step, 1)).toBe(to);
    expect(stepRange(table, step)).toEqual({ name: step, from, to });
  });

  test('refuse a step of another workflow', () => {
    expect(() => mapProgress(table, 'no_such_step', 0.5)).toThrow(RangeError);
    expect(() => stepRange(table, 'no_such_step')).toThrow(/expected one of start, .*received no_such_step/);
  });

  test.each([-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY])('refuse the progress %d', (progress) => {
    expect(() => mapProgress(table, 'start', progress)).toThrow(/expected 0\.\.1/);
  });
});

test('director("generate_videos", 0.5) is exactly 0.35', () => {
  expect(createProgressMapper(director)('generate_videos', 0.5)).toBe(0.35);
});

test('each workflow has its function', () => {
  expect(createProgressMapper(audio)('stt_verification', 0.5)).toBe(0.45);
  expect(createProgressMapper(writer)('outline', 0.5)).toBe(0.25);
  expect(createProgressMapper(lipsync)('apply_lipsync', 0.5)).toBe(0.675);
});

describe('the steps of any other work', () => {
  test('are given as shares, in any unit', () => {
    const map = createProgressMapper({ probe: 1, encode: 3 });
    expect(map('probe', 1)).toBe(0.25);
    expect(map('encode', 0.5)).toBe(0.625);
  });

  test('are refused when they leave a gap, or have no share', () => {
    const gap = [
      { name: 'probe', from: 0, to: 0.2 },
      { name: 'encode', from: 0.3, to: 1 },
    ];
    expect(() => createProgressMapper(gap)).toThrow(/steps: expected ranges that join from 0 to 1/);
    expect(() => createProgressMapper({ probe: 0 })).toThrow(/steps: expected shares/);
  });
});
