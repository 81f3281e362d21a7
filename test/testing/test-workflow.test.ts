/** `testWorkflow`: a workflow's steps, events, files and endings without Redis. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifact, badInput, defineWorkflow, PlayheadError, type WorkflowRun, wholeNumber } from 'playhead';
import { testWorkflow } from 'playhead/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

type Run = WorkflowRun<{ text: string }, 'think' | 'save'>;

/** A workflow whose `run` is the test's. */
function define<Services = undefined>(run: (job: Run, services: Services) => Promise<unknown>) {
  return defineWorkflow({
    name: 'NOTE',
    description: 'Keeps a note.',
    steps: { think: 0.5, save: 0.5 },
    input: z.object({ text: z.string().min(3), count: z.int().default(1) }),
    result: z.object({ note: artifact('text/plain') }),
    settings: {
      NOTE_LIMIT: { schema: wholeNumber(1, 9, 5), expected: '1 to 9', default: '5', meaning: 'A limit.' },
    },
    run: async () => ({ run: run as never }),
  });
}

const note = define(async (job) => {
  const text = await job.step('think', 'Thinking', async (step) => {
    step.update(0.5, 'Half way', { words: 1 });
    return job.input.text.toUpperCase();
  });
  job.warn('It is loud.');
  const file = await job.step('save', 'Saving', async () => {
    await writeFile(join(job.files.scratch, 'half.txt'), text);
    await writeFile(join(job.files.scratch, 'other.txt'), text);
    await job.files.save('steps/half.txt', join(job.files.scratch, 'half.txt'));
    return job.files.save('note.txt', join(job.files.scratch, 'other.txt'));
  });
  return { note: file };
});

test('runs all steps, and has the result, the events and the files to look at', async () => {
  const job = await testWorkflow(note, { input: { text: 'hello' } });
  expect(job).toMatchObject({ status: 'COMPLETED', error: null, attempts: 1 });
  expect(job.result).toMatchObject({ type: 'NoteResult', note: { name: 'note.txt', sizeBytes: 5 } });
  expect(job.steps.map(({ name, status }) => [name, status])).toEqual([
    ['think', 'COMPLETED'],
    ['save', 'COMPLETED'],
  ]);
  expect(job.warnings).toEqual(['It is loud.']);
  expect([...job.files.keys()]).toEqual(['note.txt']);
  expect(await readFile(job.open('note.txt'), 'utf8')).toBe('HELLO');
  expect(() => job.open('else.txt')).toThrow('name: expected one of note.txt, received else.txt');
  const progress = job.events.flatMap((event) => (event.type === 'ProgressEvent' ? [event.progress] : []));
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  expect(job.events.at(-1)?.type).toBe('CompletionEvent');
});

test('refuses an input as the mutation would, with the field', async () => {
  const refused = testWorkflow(note, { input: { text: 'x' } });
  await expect(refused).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining('input.text'),
  });
});

test('a further attempt goes on behind the last finished step', async () => {
  const walked: string[] = [];
  const flaky = define(async (job) => {
    await job.step('think', 'Thinking', async () => walked.push('think'));
    await job.step('save', 'Saving', async () => {
      walked.push(`save ${job.attempt}`);
      if (job.attempt === 1) throw new PlayheadError('PROVIDER_FAILED', 'Away for a moment');
      return null;
    });
    throw badInput('input.text', 'another one', job.input.text);
  });
  const job = await testWorkflow(flaky, { input: { text: 'abc' }, maxAttempts: 3 });
  expect(walked).toEqual(['think', 'save 1', 'save 2']);
  expect(job).toMatchObject({
    status: 'FAILED',
    attempts: 2,
    result: null,
    error: { code: 'BAD_USER_INPUT' },
  });
  expect(job.events.flatMap((event) => (event.type === 'ErrorEvent' ? [event.willRetry] : []))).toEqual([
    true,
    false,
  ]);
});

test('an error that is not Playhead’s is told with its cause', async () => {
  const broken = define(async () => Promise.reject(new Error('disk on fire')));
  const { error } = await testWorkflow(broken, { input: { text: 'abc' } });
  expect(error).toMatchObject({ code: 'INTERNAL', cause: { message: 'disk on fire' } });
});

test('the signal cancels it', async () => {
  const cancel = new AbortController();
  const slow = define((job) =>
    job.step('think', 'Thinking', ({ signal }) => {
      const stopped = new Promise<null>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
      cancel.abort();
      return stopped;
    }),
  );
  const job = await testWorkflow(slow, { input: { text: 'abc' }, signal: cancel.signal });
  expect(job).toMatchObject({ status: 'CANCELLED', error: { code: 'CANCELLED' } });
  expect(job.steps[0]?.status).toBe('FAILED');
  expect(job.events.at(-1)).toMatchObject({ type: 'ErrorEvent', code: 'CANCELLED' });
});

test('services are those of the workflow with the test’s settings, or the test’s own', async () => {
  const seen: unknown[] = [];
  const plain = define(async (_, services: unknown) => {
    seen.push(services);
    return {};
  });
  const shared = {
    ...plain,
    worker: async () => ({
      start: async (context: { settings: Readonly<Record<string, unknown>> }) => ({
        services: { limit: context.settings['NOTE_LIMIT'] },
      }),
    }),
  };
  await testWorkflow(shared, { input: { text: 'abc' }, settings: { NOTE_LIMIT: '7' } });
  await testWorkflow(shared, { input: { text: 'abc' }, services: { limit: 'mine' } });
  expect(seen).toEqual([{ limit: 7 }, { limit: 'mine' }]);
  const refused = testWorkflow(shared, { input: { text: 'abc' }, settings: { NOTE_LIMIT: '12' } });
  await expect(refused).rejects.toThrow('NOTE_LIMIT: expected 1 to 9, received "12"');
});
