/** Names that workflows can't have. */
import { artifact, DefinitionError, defineWorkflow, type WorkflowOptions } from 'playhead';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createSchema } from '../../src/schema/index.ts';
import { createRegistry, RESERVED_MUTATIONS } from '../../src/workflow/registry.ts';

const input = z.object({ title: z.string() });
const result = z.object({ picture: artifact('image/png') });
type Options = WorkflowOptions<typeof input, typeof result, { readonly draw: 1 }, undefined>;

function define(changes: Partial<Options> = {}) {
  return defineWorkflow({
    name: 'POSTER',
    description: 'Makes a poster.',
    steps: { draw: 1 },
    input,
    result,
    run: () => Promise.reject(new Error('never runs')),
    ...changes,
  });
}

test.each<[changes: Partial<Options>, says: string]>([
  [{ command: 'jobs' }, 'POSTER: expected a command of its own, Playhead itself has jobs'],
  [{ name: 'WATCH' }, 'WATCH: expected a command of its own, Playhead itself has watch'],
  [{ name: 'KEYS' }, 'KEYS: expected a command of its own'],
  [{ command: 'Make it' }, 'POSTER.command: expected small letters, digits and -, received "Make it"'],
  [{ mutation: 'cancelJob' }, 'POSTER: expected a mutation of its own, Playhead itself has cancelJob'],
  [{ taskName: 'batch_poster' }, 'POSTER.taskName: expected no batch_ in front'],
])('%j is refused', (changes, says) => {
  expect(() => createRegistry([define(changes)])).toThrow(DefinitionError);
  expect(() => createRegistry([define(changes)])).toThrow(says);
});

test('a field that every input or result has already is refused with its path', () => {
  const parts = { name: 'POSTER', description: 'Makes a poster.', steps: { draw: 1 } } as const;
  const run = () => Promise.reject(new Error('never runs'));
  const key = z.object({ idempotencyKey: z.string() });
  expect(() => defineWorkflow({ ...parts, input: key, result, run })).toThrow(
    'POSTER.input.idempotencyKey: expected a name other than projectId, idempotencyKey, maxAttempts',
  );
  const files = z.object({ artifacts: z.array(artifact()) });
  expect(() => defineWorkflow({ ...parts, input, result: files, run })).toThrow('POSTER.result.artifacts');
});

test('every mutation that is no workflow’s is reserved', () => {
  const mutations = Object.keys(
    createSchema(createRegistry([define()]))
      .getMutationType()
      ?.getFields() ?? {},
  );
  expect(mutations).toContain('poster');
  for (const name of mutations.filter((one) => one !== 'poster')) expect(RESERVED_MUTATIONS).toContain(name);
});
