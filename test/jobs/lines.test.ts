/** What a job's steps, their programs and providers have said, kept with the job in a real Redis. */
import { expect, test } from 'vitest';
import { runTool } from '../../media/tool.ts';
import { JobLines } from '../../src/log/job-lines.ts';
import { MAX_LINE_CHARS, MAX_LINES } from '../../src/progress/job-line.ts';
import { range } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

function shell(script: string, signal: AbortSignal) {
  return runTool({ name: 'sh', path: '/bin/sh', args: ['-c', script], signal });
}

function linesOf(path: JobPath, jobId: string, after: string | null = null, limit = 1_000) {
  return new JobLines(path.redis, path.keys).read({ projectId: path.projectId, jobId, after, limit });
}

test('a step’s own lines, its programs’ output and its warnings are there when the job has ended', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.plan('analyze_audio', async (step, run) => {
    step.log('3 passages, the key is ph_0123456789ab_0123456789012345678901234567890123456789012');
    await shell('echo careful >&2', step.signal);
    run.warn('The end is silent');
    return null;
  });
  const { id } = await path.enqueue();
  await path.ended(id);
  const lines = await linesOf(path, id);
  expect(lines).toMatchObject([
    {
      level: 'info',
      source: null,
      text: '3 passages, the key is ph_0123456789ab_[secret]',
      durationMs: null,
    },
    { level: 'info', source: 'sh', text: 'careful', durationMs: expect.any(Number) },
    { level: 'warn', source: null, text: 'The end is silent' },
  ]);
  for (const line of lines) expect(line).toMatchObject({ attempt: 1, step: 'analyze_audio' });
  expect(await linesOf(path, id, lines[0]?.id, 1)).toEqual(lines.slice(1, 2));
});

test('a program that failed says why, in each attempt; the first event of each names its worker', async () => {
  const path = await createJobPath();
  await path.startWorker();
  for (const script of ['echo no such voice >&2; exit 3', 'true']) {
    path.stage.plan('analyze_audio', async ({ signal }) => {
      await shell(script, signal);
      return null;
    });
  }
  const { id } = await path.enqueue({ maxAttempts: 2 });
  await path.ended(id);
  expect(await linesOf(path, id)).toMatchObject([
    {
      ...{ attempt: 1, level: 'error', source: 'sh' },
      text: 'PROVIDER_FAILED: sh: expected exit code 0, received 3\nno such voice',
    },
    { attempt: 2, level: 'info', source: 'sh', text: '' },
  ]);
  const told = (await path.events(id)).filter((event) => 'worker' in event);
  expect(told).toMatchObject([
    { attempt: 1, worker: 'machine/1', status: 'processing' },
    { attempt: 2, worker: 'machine/1', status: 'retrying' },
  ]);
});

test('what is kept but is no line is left out, beside the others', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.plan('start', async (step) => {
    step.log('said');
    return null;
  });
  const { id } = await path.enqueue();
  await path.ended(id);
  const [line] = await linesOf(path, id);
  const key = path.keys.project(path.projectId).lines(id);
  const { id: _, ...said } = { ...line };
  for (const fault of [
    { step: 1 },
    { text: null },
    { attempt: '1' },
    { at: null },
    { level: 'loud' },
    { source: 1 },
    { durationMs: '1' },
  ])
    await path.redis.xadd(key, '*', 'line', JSON.stringify({ ...said, ...fault }));
  await path.redis.xadd(key, '*', 'line', 'null');
  await path.redis.xadd(key, '*', 'line', JSON.stringify({ ...said, text: 'said later' }));
  expect((await linesOf(path, id)).map(({ text }) => text)).toEqual(['said', 'said later']);
});

test('a job’s newest 500 lines are kept, each shortened, and they go with the job', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.plan('analyze_audio', async (step) => {
    for (const number of range(1, MAX_LINES + 20))
      step.log(`${number} ${'x'.repeat(MAX_LINE_CHARS)}`, 'warn');
    return null;
  });
  const { id } = await path.enqueue();
  await path.ended(id);
  const lines = await linesOf(path, id);
  expect(lines).toHaveLength(MAX_LINES);
  expect(lines[0]?.text.slice(0, 4)).toBe('21 x');
  expect(lines[0]?.text).toHaveLength(MAX_LINE_CHARS);
  await path.commands.remove(path.projectId, id);
  expect(await path.redis.exists(path.keys.project(path.projectId).lines(id))).toBe(0);
  const [line] = lines;
  if (line !== undefined) await new JobLines(path.redis, path.keys).add(path.projectId, id, [line]);
  expect(await path.redis.exists(path.keys.project(path.projectId).lines(id))).toBe(0);
});
