/** What follows from a workflow's definition, and what can't be defined. */
import { graphql, printType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { artifact, defineWorkflow, jobId } from '../../src/index.ts';
import type { WorkflowDefinition } from '../../src/jobs/definition.ts';
import { createSchema } from '../../src/schema/index.ts';
import { createRegistry, settingsOf } from '../../src/workflow/registry.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const run = async () => ({ run: async () => ({ note: '' }) });
const transcode = defineWorkflow({
  name: 'MAKE_CLIP',
  description: 'Brings a video to another size.',
  batch: true,
  steps: { probe: 1, encode: 8, save_file: 1 },
  input: z.object({
    source: jobId('DIRECTOR').describe('The job whose video it is'),
    height: z.int().min(144).max(2160).default(720).describe('Lines of the picture'),
    codec: z.enum(['h264', 'av1']).default('h264'),
    quality: z.number().min(0).max(1).optional(),
    crop: z.object({ top: z.int(), left: z.int() }).optional(),
    tags: z.array(z.string()).default([]),
    extra: z.record(z.string(), z.unknown()).optional(),
    quiet: z.boolean().default(false),
  }),
  result: z.object({
    video: artifact('video/mp4').describe('The clip'),
    stills: z.array(artifact('image/jpeg')),
    frames: z.int(),
    sizeBytes: z.number(),
    title: z.string().nullable(),
    colours: z.array(z.object({ name: z.string(), share: z.number() })),
  }),
  run: async () => ({
    run: async () => {
      throw new Error('not in this test');
    },
  }),
});

describe('what is left out of a definition follows from its name', () => {
  test('label, mutation, task name, command, types', () => {
    expect(transcode).toMatchObject({
      label: 'Make clip',
      mutation: 'makeClip',
      taskName: 'make_clip',
      command: 'make-clip',
      inputType: 'MakeClipInput',
      resultType: 'MakeClipResult',
      batch: { mutation: 'makeClipBatch', taskName: 'batch_make_clip', itemType: 'MakeClipItemInput' },
    });
  });

  test('shares become ranges that join from 0 to 1', () => {
    expect(transcode.steps).toEqual([
      { name: 'probe', from: 0, to: 0.1 },
      { name: 'encode', from: 0.1, to: 0.9 },
      { name: 'save_file', from: 0.9, to: 1 },
    ]);
  });

  test('the work is measured by the longest text', () => {
    expect(transcode.measure({ source: 'abc', codec: 'h264', height: 720 })).toEqual({ characters: 4 });
    expect(transcode.measure({ height: 720 })).toEqual({});
  });
});

describe('the schema of a definition', () => {
  const schema = createSchema(createRegistry([transcode]));
  const shown = (name: string): string => {
    const type = schema.getType(name);
    return type == null ? '' : printType(type);
  };

  test('has its input with descriptions, ranges and defaults', () => {
    const input = shown('MakeClipInput');
    for (const line of [
      'projectId: ID!',
      'source: ID!',
      'height: Int',
      'codec: String',
      'quality: Float',
      'crop: MakeClipCropInput',
      'tags: [String!]',
      'extra: JSON',
      'quiet: Boolean',
      '"""Lines of the picture: 144..2160, default 720."""',
      '"""Codec: one of `h264`, `av1`, default `h264`."""',
      '"""Quality: 0..1."""',
    ]) {
      expect(input).toContain(line);
    }
    expect(shown('MakeClipCropInput')).toContain('top: Int!');
    expect(shown('MakeClipItemInput')).not.toContain('projectId');
    expect(shown('MakeClipBatchInput')).toContain('items: [MakeClipItemInput!]!');
  });

  test('has its result, whose files and data a client finds without knowing the type', async () => {
    const result = shown('MakeClipResult');
    for (const line of [
      'type MakeClipResult implements Result',
      'video: Artifact!',
      'stills: [Artifact!]!',
      'frames: Int!',
      'sizeBytes: Float!',
      'title: String\n',
      'colours: [MakeClipResultColours!]!',
    ]) {
      expect(result).toContain(line);
    }
    const answer = await graphql({
      schema,
      source: '{ workflows { workflow label command mutation inputSchema resultSchema steps { name } } }',
    });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({
      workflows: [
        {
          workflow: 'MAKE_CLIP',
          inputSchema: {
            required: ['source'],
            properties: { source: { 'x-playhead-job': 'DIRECTOR' }, height: { minimum: 144, default: 720 } },
          },
          resultSchema: { properties: { video: { 'x-playhead-artifact': 'video/mp4' } } },
        },
      ],
    });
  });
});

describe('what can’t be defined is refused with its place', () => {
  const valid = {
    name: 'X',
    description: 'Does nothing.',
    steps: { work: 1 },
    input: z.object({}),
    result: z.object({ note: z.string() }),
    run,
  };
  const define = (changes: object): WorkflowDefinition => defineWorkflow({ ...valid, ...changes });

  test.each([
    ['a name in small letters', { name: 'x' }, 'name: expected capital letters'],
    [
      'a union',
      { input: z.object({ a: z.union([z.string(), z.number()]) }) },
      'X.input.a: expected one type',
    ],
    [
      'a union further down',
      { input: z.object({ a: z.object({ b: z.array(z.union([z.string(), z.object({})])) }) }) },
      'X.input.a.b: expected one type',
    ],
    ['a tuple', { result: z.object({ a: z.tuple([z.string()]) }) }, 'X.result.a: expected one type'],
    [
      'a date',
      { input: z.object({ at: z.date() }) },
      'X.input.at: expected what JSON can hold, received a zod date; take z.iso.datetime()',
    ],
    [
      'a set further down',
      { result: z.object({ list: z.array(z.object({ words: z.set(z.string()).optional() })) }) },
      'X.result.list.words: expected what JSON can hold, received a zod set',
    ],
    [
      'a result that is transformed',
      { result: z.object({ a: z.string().transform(Number) }) },
      'X.result.a: expected what JSON can hold, received a zod transform',
    ],
    ['no object', { input: z.string() }, 'X.input: expected z.object'],
    [
      'a field that GraphQL has no name for',
      { input: z.object({ 'a-b': z.string() }) },
      'X.input.a-b: expected',
    ],
    ['no description', { description: undefined }, 'X.description: expected what it does'],
    ['no code', { run: undefined }, 'X.run: expected a function'],
    ['no steps', { steps: {} }, 'X.steps: expected shares of 0 or more'],
    [
      'a step whose name is no name',
      { steps: { 'a-b': 1 } },
      'X.steps: expected names of letters, digits and _, received "a-b"',
    ],
    ['a negative share', { steps: { a: -1, b: 2 } }, 'X.steps: expected shares of 0 or more'],
    [
      'ranges with a gap',
      {
        steps: [
          { name: 'a', from: 0, to: 0.4 },
          { name: 'b', from: 0.5, to: 1 },
        ],
      },
      'join',
    ],
    [
      'a step twice',
      {
        steps: [
          { name: 'a', from: 0, to: 0.5 },
          { name: 'a', from: 0.5, to: 1 },
        ],
      },
      'received a twice',
    ],
  ])('%s', (_what, changes, message) => {
    expect(() => define(changes)).toThrow(message);
  });

  test('two workflows with one name, mutation, task, command or type', () => {
    const one = define({});
    expect(() => createRegistry([one, one])).toThrow('expected X once in the list');
    for (const own of [
      { mutation: one.mutation },
      { taskName: one.taskName },
      { command: one.command },
      { resultType: one.resultType },
    ]) {
      expect(() => createRegistry([one, define({ name: 'Y', ...own })])).toThrow(
        /^Y: expected a .* of its own/,
      );
    }
  });
});

test('settings of all workflows are read together', () => {
  expect(Object.keys(settingsOf(WORKFLOWS))).toContain('PLAYHEAD_CHAT_URL');
});
