import { describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { PlayheadError } from '../../src/core/errors.ts';
import type { AdmissionRequest } from '../../src/jobs/admission.ts';
import { itemId } from '../../src/progress/state.ts';
import { stepsFingerprint } from '../../src/progress/steps.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { OwnRedis, range, unique } from '../setup/harness.ts';
import { endless, failing, interrupted } from '../setup/interrupted.ts';
import { createJobPath, type JobPath, keysOf } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { startLossyProxy } from '../setup/lossy-proxy.ts';
import { definitionOf, tableOf, WORKFLOWS, withInput } from '../setup/workflows.ts';

describe('enqueueing a job', () => {
  test('writes the snapshot, the first event and the queue entry', async () => {
    const path = await createJobPath();
    const state = await path.enqueue({ maxAttempts: 5 });
    expect(state).toMatchObject({
      status: 'QUEUED',
      attempt: 1,
      maxAttempts: 5,
      progress: 0,
      last: { seq: 1 },
    });
    expect(await path.load(state.id)).toEqual(state);
    expect(await path.jobs.loadInput(path.projectId, state.id)).toEqual({ script: 'hello' });
    expect(await path.events(state.id)).toMatchObject([
      { type: 'ProgressEvent', status: 'queued', progress: 0 },
    ]);
    const entry = await path.bull.getJob(state.id);
    expect(entry?.data).toEqual({
      projectId: path.projectId,
      jobId: state.id,
      workflow: 'LIPSYNC',
      attemptBase: 0,
      size: { characters: 5 },
      first: {
        workflow: 'LIPSYNC',
        maxAttempts: 5,
        createdAt: state.createdAt,
        message: state.message,
        stepsFingerprint: stepsFingerprint(tableOf('LIPSYNC')),
        input: '{"script":"hello"}',
      },
    });
    expect(entry?.opts.attempts).toBe(5);
  });

  test.each([
    ['a small input stands in the queue entry too', '안녕하세요', '{"script":"안녕하세요"}'],
    ['a long one in the snapshot alone', '가'.repeat(1_000), undefined],
  ])('%s; the first attempt begins with it', async (_, script, inEntry) => {
    const path = await createJobPath();
    const { id } = await path.enqueue({ input: { script } });
    expect((await path.bull.getJob(id))?.data.first?.input).toBe(inEntry);
    const given: unknown[] = [];
    path.stage.plan('start', async (_step, run) => {
      given.push(run.input);
      return {};
    });
    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(given).toEqual([{ script }]);
  });

  test('puts the job under watch and behind the others of its project', async () => {
    const path = await createJobPath();
    const jobs = [await path.enqueue(), await path.enqueue(), await path.enqueue()];
    for (const { id, createdAt } of jobs) {
      const member = `${path.projectId}|${id}`;
      expect(await path.redis.zscore(path.keys.unended, member)).toBe(String(createdAt));
    }
    const entries = await Promise.all(jobs.map(({ id }) => path.bull.getJob(id)));
    expect(entries.map((entry) => entry?.priority)).toEqual([1, 2, 3]);
  });

  test('keeps its place in the queue, however late its entry is added', async () => {
    const path: JobPath = await createJobPath({
      commandQueue: (queue) => interrupted(queue, 'add', 'before', () => path.enqueue()),
    });
    const first = await path.enqueue();
    const entries = await path.bull.getPrioritized();
    expect(entries.map(({ priority }) => priority)).toEqual([1, 2]);
    expect(entries[0]?.id).toBe(first.id);
  });

  test('waits in the language of its input, also when it is retried', async () => {
    const input = z.object({ script: z.string(), language: z.string() });
    const path = await createJobPath({ workflows: withInput('LIPSYNC', input) });
    const { id, message } = await path.enqueue({ input: { script: 'hello', language: 'ko' } });
    expect(message).toBe('작업자를 기다리는 중');
    await path.commands.cancel(path.projectId, id);
    expect(await path.commands.retry(path.projectId, id)).toMatchObject({ message });
  });

  test('knows the size that the input shows, and what was looked up when it was admitted', async () => {
    const path = await createJobPath({ admission: async () => [{ seconds: 12.5 }] });
    const job = await path.enqueue({ input: { script: 'hello' } });
    const size = { characters: 5, seconds: 12.5 };
    expect((await path.load(job.id)).size).toEqual(size);
    expect((await path.bull.getJob(job.queueId))?.data.size).toEqual(size);
  });

  test('is looked up by its field, before anything is written', async () => {
    const asked: AdmissionRequest[] = [];
    const path = await createJobPath({
      admission: async (request) => {
        asked.push(request);
        throw new PlayheadError('TOOL_MISSING', 'This needs a tool');
      },
    });
    const before = await keysOf(path);
    await expect(path.enqueue({ input: { script: 'hello' } })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
    });
    expect(asked).toMatchObject([
      {
        ...{ projectId: path.projectId, workflow: { name: 'LIPSYNC' } },
        inputs: [{ field: 'input', input: { script: 'hello' } }],
      },
    ]);
    expect(await keysOf(path)).toEqual(before);
  });

  test('gives ids that sort by creation', async () => {
    const path = await createJobPath();
    const ids: string[] = [];
    for (const _ of range(1, 20)) ids.push((await path.enqueue()).id);
    expect(ids.toSorted()).toEqual(ids);
    expect(await path.jobs.list(path.projectId, {}, null, 20)).toEqual(ids.toReversed());
  });

  const aProject = '1 to 64 letters, digits, _ or -';
  const aKey = '1 to 200 printable ASCII characters';
  const aCount = 'a whole number from 1 to 10';

  test.each([
    ['a bad project id', { projectId: 'a/b' }, 'input.projectId', aProject],
    ['an empty project id', { projectId: '' }, 'input.projectId', aProject],
    ['a project id that is too long', { projectId: 'x'.repeat(65) }, 'input.projectId', aProject],
    ['a project id with a brace', { projectId: 'a}b{c' }, 'input.projectId', aProject],
    ['a key with a space', { idempotencyKey: 'a key' }, 'input.idempotencyKey', aKey],
    ['a key with a control character', { idempotencyKey: 'key-\u007f' }, 'input.idempotencyKey', aKey],
    ['an empty key', { idempotencyKey: '' }, 'input.idempotencyKey', aKey],
    ['a key that is too long', { idempotencyKey: 'k'.repeat(201) }, 'input.idempotencyKey', aKey],
    ['no attempt', { maxAttempts: 0 }, 'input.maxAttempts', aCount],
    ['half an attempt', { maxAttempts: 1.5 }, 'input.maxAttempts', aCount],
    ['too many attempts', { maxAttempts: 11 }, 'input.maxAttempts', aCount],
    ['an empty script', { input: { script: '' } }, 'input.script', 'at least one character'],
    ['no script', { input: {} }, 'input.script', 'a text'],
    ['a workflow that is not run here', { workflow: 'PAINTER' }, 'input', 'a workflow that this server runs'],
  ] as const)(
    'refuses %s as BAD_USER_INPUT with the field and what it takes, and leaves nothing behind',
    async (_what, request, field, expected) => {
      const path = await createJobPath();
      const before = await keysOf(path);
      await expect(path.enqueue(request)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { field, expected },
      });
      expect(await keysOf(path)).toEqual(before);
    },
  );

  test('takes the longest project id and key, and the most attempts; three are tried where none is said', async () => {
    const path = await createJobPath();
    const projectId = 'x'.repeat(64);
    const longest = { projectId, idempotencyKey: '!~'.repeat(100), maxAttempts: 10 };
    expect(await path.enqueue(longest)).toMatchObject({ projectId, maxAttempts: 10 });
    expect(await path.enqueue()).toMatchObject({ maxAttempts: 3 });
  });

  test('takes a text as long as it may be', async () => {
    const path = await createJobPath({ maxQueuedJobs: 1 });
    const input = (characters: number) => ({ input: { script: 'x'.repeat(characters) } });
    await expect(path.enqueue(input(100_001))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'input.script: expected at most 100000 characters, received "100001 characters"',
      details: { field: 'input.script' },
    });
    expect((await path.enqueue(input(100_000))).status).toBe('QUEUED');
  });

  test.each([
    ['fields that are no texts', { script: 'a', voice: null, speed: 1e9, tags: ['x'.repeat(100_001)] }],
    ['none', null],
    ['a number', 7],
  ])('limits the length of texts alone, whatever the input is: %s', async (_what, input) => {
    const workflow = { ...definitionOf('LIPSYNC'), input: z.any(), title: () => '', measure: () => ({}) };
    const path = await createJobPath({ workflows: new Map([['LIPSYNC', workflow]]), maxQueuedJobs: 1 });
    const { id } = await path.enqueue({ input });
    expect(await path.jobs.loadInput(path.projectId, id)).toEqual(input);
  });

  test('takes null for a key or a number of attempts as none', async () => {
    const path = await createJobPath();
    const none = { idempotencyKey: null, maxAttempts: null };
    const [one, other] = [await path.enqueue(none), await path.enqueue(none)];
    expect(other.id).not.toBe(one.id);
    expect(one).toMatchObject({ maxAttempts: 3 });
  });

  test('gives a job, and every item of a batch, the ranges that steps have at that time', async () => {
    const ranges = [
      { name: 'start', from: 0, to: 0.5 },
      { name: 'save_file', from: 0.5, to: 1 },
    ];
    const asked: string[] = [];
    const path = await createBatchPath({
      ranges: async (workflow) => {
        asked.push(workflow);
        return ranges;
      },
    });
    const { id } = await path.enqueue();
    const batch = await path.enqueueBatch(1);
    expect(await path.load(id)).toMatchObject({ ranges });
    expect(await path.items(batch)).toMatchObject([{ ranges }]);
    expect(asked).toEqual(['LIPSYNC', 'LIPSYNC']);
  });
});

describe('an idempotency key', () => {
  test('gives the same job again, in whatever state it is', async () => {
    const path = await createJobPath();
    const first = await path.enqueue({ idempotencyKey: 'order-1' });
    expect((await path.enqueue({ idempotencyKey: 'order-1' })).id).toBe(first.id);
    await path.commands.cancel(path.projectId, first.id);
    const again = await path.enqueue({ idempotencyKey: 'order-1' });
    expect(again).toMatchObject({ id: first.id, status: 'CANCELLED' });
    expect((await path.enqueue({ idempotencyKey: 'order-2' })).id).not.toBe(first.id);
    const elsewhere = await path.enqueue({ idempotencyKey: 'order-1', projectId: unique('project') });
    expect(elsewhere.id).not.toBe(first.id);
  });

  test('gives one job to many requests at the same time, one event, one queue entry', async () => {
    const path = await createJobPath();
    const states = await Promise.all(range(1, 20).map(() => path.enqueue({ idempotencyKey: 'once' })));
    const ids = new Set(states.map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(await path.events(states[0]?.id ?? '')).toHaveLength(1);
    expect(await path.bull.getJobCountByTypes('prioritized')).toBe(1);
    expect(await path.redis.zcard(path.keys.unended)).toBe(1);
  });
});

describe('an idempotency key with other input', () => {
  const first = { idempotencyKey: 'order-1', input: { script: 'hello' } } as const;
  const speech = { ...first, workflow: 'AUDIO', input: { text: 'hello' } } as const;

  test('is refused, says which job the key has made, and leaves nothing behind', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue(first);
    const before = await keysOf(path);
    for (const other of [{ input: { script: 'goodbye' } }, { maxAttempts: 5 }]) {
      await expect(path.enqueue({ ...first, ...other })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        message: `idempotencyKey: expected the input that this key was first sent with, received other input: take a new key for it; this one has made the job ${id}`,
        details: { jobId: id },
      });
    }
    expect(await keysOf(path)).toEqual(before);
    expect(await path.redis.zcard(path.keys.unended)).toBe(1);
    expect((await path.enqueue(first)).id).toBe(id);
  });

  test.each([
    [
      'fields in another order',
      { input: { maxTries: 2, text: 'hello' } },
      { input: { text: 'hello', maxTries: 2 } },
    ],
    [
      'the workflow’s defaults written out',
      {},
      { input: { text: 'hello', voice: 'slt', language: 'en', maxTries: 3 } },
    ],
    ['null for what is left out', {}, { input: { text: 'hello', voice: null, minSimilarity: null } }],
    ['the same language in other words', {}, { input: { text: 'hello', language: 'en-GB' } }],
    ['the default number of attempts', {}, { maxAttempts: 3 }],
  ])('does not mean %s', async (_what, one, other) => {
    const path = await createJobPath({ workflows: WORKFLOWS });
    const { id } = await path.enqueue({ ...speech, ...one });
    expect((await path.enqueue({ ...speech, ...other })).id).toBe(id);
  });

  test('makes one job also when both inputs come many times at once', async () => {
    const path = await createJobPath();
    const answers = await Promise.allSettled(
      range(1, 20).map((index) => path.enqueue({ ...first, input: { script: `version ${index % 2}` } })),
    );
    const made = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(made).toHaveLength(10);
    expect(new Set(made).size).toBe(1);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await path.bull.getJobCountByTypes('prioritized')).toBe(1);
  });

  test('is not known of a job that a version without fingerprints made: it counts as the same', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue(first);
    await path.redis.hdel(path.keys.project(path.projectId).job(id), 'fingerprint');
    expect((await path.enqueue({ ...first, input: { script: 'goodbye' } })).id).toBe(id);
  });

  test('is told by what any version of the server keeps of a request', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue(first);
    const kept = await path.redis.hget(path.keys.project(path.projectId).job(id), 'fingerprint');
    // SHA-256 of {"input":{"script":"hello"},"maxAttempts":3}
    expect(kept).toBe('RhprSMOx2HIst5yJuP9-g-uIi8x9JCkdkCXlnSq_Aa0');
  });

  test('is free again when its job has been removed', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue(first);
    await path.commands.cancel(path.projectId, id);
    await path.jobs.remove(await path.load(id));
    const other = { ...first, input: { script: 'goodbye' } };
    expect((await path.enqueue(other)).id).not.toBe(id);
    await expect(path.enqueue(first)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });
});

describe('an enqueue whose queue add fails', () => {
  test('is still a job, and the reconciler adds the entry', async () => {
    const logger = keepLog();
    const path = await createJobPath({ commandQueue: (queue) => failing(queue, 'add'), logger });
    const state = await path.enqueue();
    expect(state.status).toBe('QUEUED');
    const text = 'adding to the queue failed; the reconciler will add it';
    expect(logger.lines).toEqual([{ level: 'warn', jobId: state.id, err: expect.any(Error), text }]);
    expect(await path.queue.stateOf(state.id)).toBe('missing');
    await path.reconciler.sweep();
    expect(await path.queue.stateOf(state.id)).toBe('waiting');
    await path.startWorker();
    expect(await path.ended(state.id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(await path.endings(state.id)).toHaveLength(1);
  });

  test('is repaired for a retry too, as the retry’s attempt', async () => {
    const logger = keepLog();
    const path = await createJobPath({ commandQueue: (queue) => failing(queue, 'add'), logger });
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    expect(logger.lines).toHaveLength(1);
    await path.commands.retry(path.projectId, id);
    const text = 'adding to the queue failed; the reconciler will add it';
    expect(logger.lines.slice(1)).toEqual([{ level: 'warn', jobId: id, err: expect.any(Error), text }]);
    await path.reconciler.sweep();
    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  });
});

test('an enqueue whose answer was lost on its way makes one job, with its queue entry', async () => {
  const proxy = await startLossyProxy(inject('redisUrl'));
  const path = await createJobPath({ url: proxy.url });
  await path.redis.ping();
  proxy.loseAnswersTo(path.projectId, 1);
  const { id, version } = await path.enqueue();
  expect(proxy.lost).toBe(1);
  expect(version).toBe(1);
  expect(await path.jobs.list(path.projectId, {}, null, 10)).toEqual([id]);
  expect(await path.events(id)).toHaveLength(1);
  expect(await path.queue.stateOf(id)).toBe('waiting');
});

test('a job stands as it was written, whatever does not end behind that: it is answered, and said in the log', async () => {
  const logger = keepLog();
  const path = await createBatchPath({
    commandQueue: (queue) => endless(queue, 'add', 'addBatch', 'remove'),
    logger,
  });
  const { commands, projectId } = path;
  const [job, batch] = await Promise.all([path.enqueue(), path.enqueueBatch(1)]);
  expect(await path.load(job.id)).toEqual(job);
  expect(await path.load(batch.id)).toEqual(batch);
  await path.reconciler.sweep();
  const item = itemId(batch.id, 0);
  const cancelled = await Promise.all([job.id, item].map((id) => commands.cancel(projectId, id)));
  for (const state of cancelled) expect(await path.load(state.id)).toEqual(state);
  await path.reconciler.sweep();
  expect(await path.load(batch.id)).toMatchObject({ status: 'COMPLETED' });
  const [retried, retriedItem] = await Promise.all([job.id, item].map((id) => commands.retry(projectId, id)));
  expect(await path.load(job.id)).toEqual(retried);
  expect(retriedItem).toMatchObject({ id: item });
  expect(await path.load(batch.id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
  const text = 'answered before the work behind a write was done; what is missing will be repaired';
  const err = expect.objectContaining({ code: 'UNAVAILABLE' }) as Error;
  const jobIds = [job.id, batch.id, job.id, item, job.id, item];
  const lines = jobIds.map((jobId) => ({ level: 'warn', jobId, err, text }));
  expect(logger.lines).toHaveLength(lines.length);
  for (const line of lines) expect(logger.lines).toContainEqual(line);
});

describe('while Redis is away', () => {
  test('commands say UNAVAILABLE, and a repeat with the same key makes no second job', async () => {
    const own = await OwnRedis.launch();
    const path = await createJobPath({ url: own.url });
    const { id } = await path.enqueue();
    await own.stop();
    const request = { idempotencyKey: 'once' };
    const answers = await Promise.allSettled([
      path.enqueue(request),
      path.commands.cancel(path.projectId, id),
      path.commands.retry(path.projectId, id),
      path.commands.remove(path.projectId, 'unknown'),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
    await own.start();
    const again = await path.enqueue(request);
    await until(async () => (await path.load(id)).status === 'CANCELLED');
    expect(await path.jobs.list(path.projectId, {}, null, 10)).toEqual([again.id, id]);
    expect((await path.events(again.id)).map(({ type }) => type)).toEqual(['ProgressEvent']);
  });
});
