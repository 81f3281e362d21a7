/** What a person would call a job, and what was asked for. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { titleOf } from '../../src/jobs/title.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { defineWorkflow } from '../../src/workflow/define-workflow.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const VIDEO = { title: null, language: 'en' };
const SCRIPT = '# Harbour lights\n## Evening\nMIRA: Look, the boats are coming home.';

test.each<[Workflow, object, string | null]>([
  ['DIRECTOR', { ...VIDEO, script: SCRIPT, title: 'My film' }, 'My film'],
  ['DIRECTOR', { ...VIDEO, script: SCRIPT }, 'Harbour lights'],
  [
    'DIRECTOR',
    { ...VIDEO, script: 'MIRA: Look, the boats are coming home.' },
    'Look, the boats are coming home.',
  ],
  ['AUDIO', { text: '  Good morning,\neverybody.' }, 'Good morning, everybody.'],
  [
    'AUDIO',
    { text: 'The train from the old harbour leaves at half past eight in the evening.' },
    'The train from the old harbour leaves at half past eight in…',
  ],
  ['AUDIO', { text: '가'.repeat(100) }, `${'가'.repeat(59)}…`],
  ['WRITER', { brief: 'A lighthouse is a tower.', title: null }, 'A lighthouse is a tower.'],
  ['WRITER', { brief: 'A lighthouse is a tower.', title: 'Light' }, 'Light'],
  ['LIPSYNC', { audioJobId: 'job', character: 'Mira' }, 'Mira'],
  ['LIPSYNC', { audioJobId: 'job', character: null }, null],
])('a job of %s is called by its input', (workflow, input, title) => {
  const definition = WORKFLOWS.get(workflow);
  expect(definition && titleOf(definition, [input])).toBe(title);
});

test('a title is one line of at most 200 characters, whatever a definition gives', () => {
  const of = (...titles: string[]) => titleOf({ title: String }, titles);
  expect(of(' a\tb\u0000\n c ')).toBe('a b c');
  expect(of('')).toBeNull();
  expect(of('\n')).toBeNull();
  expect(of('🚢'.repeat(200))).toBe(`${'🚢'.repeat(99)}…`);
  expect(of('half \ud83d')).toBe('half \ufffd');
  expect(of('one', 'two', 'one')).toBe('one, two');
  expect(of('', 'one', ' ', 'two')).toBe('one, two');
  expect(of('a'.repeat(200))).toBe('a'.repeat(200));
  expect(of('a'.repeat(200), 'b')).toBe(`${'a'.repeat(199)}…`);
  // However many items have one title, the others' are told too.
  expect(of(...Array.from({ length: 100 }, () => 'scene'), 'credits')).toBe('scene, credits');
  expect(of(...Array.from({ length: 1_000 }, (_, at) => `item ${at}`))).toHaveLength(200);
});

test('no more titles are made for a batch than are shown of it', () => {
  const asked: string[] = [];
  const title = (input: unknown): string => {
    asked.push(String(input));
    return String(input);
  };
  const items = Array.from({ length: 1_000 }, (_, at) => `${at}`.repeat(50));
  expect(titleOf({ title }, items)).toHaveLength(200);
  expect(asked).toEqual(items.slice(0, 5));
});

test('title and input are kept with the job, and outlive a retry; each item of a batch has its own', async () => {
  const { commands, jobs, load, log, projectId } = await createJobPath({ workflows: WORKFLOWS });
  const request = { projectId, workflow: 'WRITER', field: 'input' };
  const input = { brief: 'A lighthouse is a tower.', title: 'Light' };
  const { id } = await commands.enqueue({ ...request, input });
  expect(await load(id)).toMatchObject({ title: 'Light', version: 1 });
  expect(await jobs.loadInputs([{ projectId, jobId: id }], 1_000)).toMatchObject([input]);
  expect(await jobs.loadInputs([{ projectId, jobId: id }], 20)).toEqual([{ truncated: true }]);
  expect(await commands.cancel(projectId, id)).toMatchObject({ version: 2 });
  const retried = await commands.retry(projectId, id);
  expect(retried).toMatchObject({ title: 'Light', status: 'QUEUED', version: 3 });
  expect(await load(id)).toEqual(retried);
  expect((await log.readFrom(projectId, 1, 10)).events.map(({ event }) => event)).toMatchObject([
    { version: 1, workflow: 'WRITER' },
    { version: 2, workflow: 'WRITER' },
    { version: 3, workflow: 'WRITER' },
  ]);

  const items = [{ text: 'Good morning.', title: 'no title' }, { text: 'Good night.' }];
  const batch = await commands.enqueueBatch({ projectId, workflow: 'AUDIO', field: 'input', items });
  expect(batch.title).toBe('Good morning., Good night.');
  expect((await load(`${batch.id}-0001`)).title).toBe('Good night.');
});

test('a definition without a title calls its jobs by their field of that name', () => {
  const workflow = defineWorkflow({
    name: 'POSTER',
    description: 'Makes a poster.',
    steps: { draw: 1 },
    input: z.object({ title: z.string().optional() }),
    result: z.object({ pages: z.number() }),
    run: async () => ({ run: async () => ({ pages: 1 }) }),
  });
  expect(titleOf(workflow, [{ title: 'Light' }])).toBe('Light');
  expect(titleOf(workflow, [{}])).toBeNull();
});
