import { graphql } from 'graphql';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/core/clock.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { AdmissionRequest } from '../../src/jobs/admission.ts';
import { BatchReports } from '../../src/jobs/batch-reports.ts';
import { JobCommands } from '../../src/jobs/enqueue.ts';
import { openEventStream } from '../../src/log/event-stream.ts';
import type { ErrorEvent } from '../../src/progress/events.ts';
import { itemId, itemIds } from '../../src/progress/state.ts';
import { createBatchPath, expectMonotonic } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, range } from '../setup/harness.ts';
import { away, keysOf, progressEvents } from '../setup/job-harness.ts';
import { schema } from '../setup/schema.ts';
import { inputSchema, withInput } from '../setup/workflows.ts';

describe('enqueueing a batch', () => {
  test('writes the batch, its items in order, and queue entries of which the batch’s waits', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3, { maxAttempts: 2 });
    expect(batch).toMatchObject({
      status: 'QUEUED',
      taskName: 'batch_lipsync',
      itemCount: 3,
      attempt: 1,
      maxAttempts: 1,
    });
    const items = await path.items(batch);
    expect(items).toMatchObject(
      range(0, 2).map((itemIndex) => ({
        id: `${batch.id}-000${itemIndex}`,
        parentId: batch.id,
        itemIndex,
        status: 'QUEUED',
        taskName: 'lipsync',
        maxAttempts: 2,
        createdAt: batch.createdAt,
      })),
    );
    for (const [index, { id }] of items.entries()) {
      expect(id.length).toBeLessThanOrEqual(64);
      expect(await path.jobs.loadInput(path.projectId, id)).toEqual({ script: `item ${index}` });
      expect(await path.events(id)).toMatchObject([{ status: 'queued', progress: 0 }]);
      expect(await path.queue.stateOf(id)).toBe('waiting');
      expect((await path.bull.getJob(id))?.priority).toBe(index + 1);
    }
    expect(await path.queue.stateOf(batch.id)).toBe('waiting-for-items');
  });

  test('is one entry of the list, and its items are listed where they are asked for', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(2);
    const single = await path.enqueue();
    const ids = itemIds(batch).toReversed();
    const { jobs, projectId } = path;
    expect(await jobs.list(projectId, {}, null, 9)).toEqual([single.id, batch.id]);
    expect(await jobs.list(projectId, { items: true }, null, 9)).toEqual([single.id, ...ids, batch.id]);
    expect(await jobs.list(projectId, { statuses: ['QUEUED'] }, null, 9)).toEqual([single.id, batch.id]);
    const filter = { statuses: ['QUEUED'], items: true } as const;
    expect(await jobs.list(projectId, filter, null, 2)).toEqual([single.id, ids[0]]);
    expect(await jobs.list(projectId, filter, ids[0] ?? '', 2)).toEqual([ids[1], batch.id]);
  });

  test.each([
    ['no item', { items: [] }, { field: 'input.items', expected: '1 to 1000 items', received: '"0"' }],
    [
      '1,001 items',
      { items: range(1, 1_001).map(() => ({ script: 'a' })) },
      { field: 'input.items', expected: '1 to 1000 items', received: '"1001"' },
    ],
    [
      'a broken item',
      { items: range(0, 5).map((index) => ({ script: index === 3 ? '' : 'a' })) },
      { field: 'input.items.3.script', expected: 'at least one character' },
    ],
    ['an item of another form', { items: [{ script: 'a' }, null] }, { field: 'input.items.1' }],
    ['a bad project id', { projectId: 'a/b' }, { field: 'input.projectId' }],
    ['a bad key', { idempotencyKey: 'a b' }, { field: 'input.idempotencyKey' }],
    ['too many attempts', { maxAttempts: 11 }, { field: 'input.maxAttempts', received: '11' }],
    [
      'a workflow that is not run here',
      { workflow: 'PAINTER' },
      { field: 'input', expected: 'a workflow that this server runs', received: '"PAINTER"' },
    ],
    [
      'a workflow without batches',
      { workflow: 'WRITER' },
      { field: 'input', expected: 'a workflow that has batches', received: '"WRITER"' },
    ],
  ] as const)('refuses %s with the field, and leaves nothing behind', async (_what, request, details) => {
    const path = await createBatchPath();
    const before = await keysOf(path);
    await expect(path.enqueueBatch(2, request)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { expected: expect.any(String), ...details },
    });
    expect(await keysOf(path)).toEqual(before);
  });

  test('is looked up item by item, each by its field, before anything is written', async () => {
    const asked: AdmissionRequest[] = [];
    const path = await createBatchPath({
      admission: async (request) => {
        asked.push(request);
        throw new PlayheadError('TOOL_MISSING', 'This needs a tool');
      },
    });
    await expect(path.enqueueBatch(2)).rejects.toMatchObject({ code: 'TOOL_MISSING' });
    expect(asked).toMatchObject([
      {
        ...{ projectId: path.projectId, workflow: { name: 'LIPSYNC' } },
        inputs: [
          { field: 'input.items.0', input: { script: 'item 0' } },
          { field: 'input.items.1', input: { script: 'item 1' } },
        ],
      },
    ]);
    expect(await path.jobs.list(path.projectId, { items: true }, null, 10)).toEqual([]);
  });

  test('waits in the language of its first item, and each item in its own, also when they are retried', async () => {
    const workflows = withInput('LIPSYNC', z.object({ script: z.string(), language: z.string() }));
    const path = await createBatchPath({ workflows });
    const items = ['ko', 'en'].map((language) => ({ script: 'hello', language }));
    const batch = await path.enqueueBatch(2, { items });
    const messages = async (): Promise<unknown[]> => {
      const [one, other] = await path.items(batch);
      return [(await path.load(batch.id)).message, one?.message, other?.message];
    };
    const waiting = ['작업자를 기다리는 중', '작업자를 기다리는 중', 'Waiting for a worker'];
    expect(await messages()).toEqual(waiting);
    await path.commands.cancel(path.projectId, batch.id);
    await path.commands.retry(path.projectId, batch.id);
    expect(await messages()).toEqual(waiting);
  });

  test('with an idempotency key makes one batch, however often it is asked for', async () => {
    const path = await createBatchPath();
    const batches = await Promise.all(
      range(1, 5).map(() => path.enqueueBatch(3, { idempotencyKey: 'once' })),
    );
    expect(new Set(batches.map(({ id }) => id)).size).toBe(1);
    expect(await path.jobs.list(path.projectId, { items: true }, null, 99)).toHaveLength(4);
    expect(await path.redis.zcard(path.keys.unended)).toBe(4);
  });

  test('with a key that has made another batch is refused, and that batch is given for its own items', async () => {
    const path = await createBatchPath();
    const { id } = await path.enqueueBatch(3, { idempotencyKey: 'once' });
    const before = await keysOf(path);
    const items = [{ script: 'item 1' }, { script: 'item 0' }, { script: 'item 2' }];
    for (const other of [{ items }, { items: items.slice(0, 2) }, { maxAttempts: 5 }]) {
      await expect(path.enqueueBatch(3, { idempotencyKey: 'once', ...other })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
        details: { jobId: id },
      });
    }
    expect(await keysOf(path)).toEqual(before);
    expect((await path.enqueueBatch(3, { idempotencyKey: 'once', maxAttempts: 3 })).id).toBe(id);
  });
});

describe('a batch', () => {
  test('is found under FAILED while items of it have failed, also when it has COMPLETED, until they are retried', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    const found = () => path.jobs.list(path.projectId, { statuses: ['FAILED'] }, null, 9);
    path.fail(1);
    path.fail(2);
    const last = path.hold(3);
    const batch = await path.enqueueBatch(4);
    await last.entered();
    await until(async () => (await found()).includes(batch.id));
    last.release();
    expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', result: { failed: 2 } });
    expect(await found()).toEqual([batch.id]);
    await path.commands.retry(path.projectId, batch.id);
    expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(await found()).toEqual([]);
  });

  test('runs its items on several workers; the mean of their progress never goes back (G5)', async () => {
    const path = await createBatchPath();
    for (const _ of range(1, 3)) await path.startWorker({ concurrency: 2 });
    const held = range(0, 5).map((index) => path.hold(index));
    path.fail(6, away());
    const batch = await path.enqueueBatch(8);
    const steps = await Promise.all(held.map((item) => item.entered()));
    await until(async () => (await path.load(batch.id)).status === 'RUNNING');
    const order = range(0, 59).map((number) => ({
      index: number % 6,
      progress: Math.random(),
    }));
    for (const { index, progress } of order) {
      steps[index]?.update(progress, `at ${progress}`);
      if (index === 0) await new Promise(setImmediate);
    }
    await until(async () => ((await path.load(batch.id)).metadata?.['itemIndex'] ?? null) !== null);
    for (const item of held.toReversed()) item.release();
    expect(await path.ended(batch.id)).toMatchObject({
      status: 'COMPLETED',
      progress: 1,
      attempt: 1,
      result: { type: 'BatchResult', total: 8, succeeded: 8, failed: 0, cancelled: 0 },
      startedAt: expect.any(Number),
      finishedAt: expect.any(Number),
    });
    await expectMonotonic(path, batch);
    const events = await progressEvents(path, batch.id, 1);
    for (const { metadata, status } of events.slice(1)) {
      expect(status).toBe('processing');
      expect(metadata).toMatchObject({ itemIndex: expect.any(Number), failed: 0, cancelled: 0, total: 8 });
    }
    const completed = events.map(({ metadata }) => Number(metadata?.['completed'] ?? 0));
    expect(completed).toEqual(completed.toSorted((one, other) => one - other));
    expect(await path.endings(batch.id)).toHaveLength(1);
    // The item that failed once was tried again, and the batch shows no step back for it.
    expect(path.ran.filter((run) => run.startsWith('6#'))).toEqual(['6#1', '6#2']);
    await until(async () => (await path.queue.stateOf(batch.id)) === 'missing');
  });

  test('goes on when an item fails, completes, and says how its items ended', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    path.fail(1);
    const batch = await path.enqueueBatch(4);
    const state = await path.ended(batch.id);
    expect(state).toMatchObject({
      status: 'COMPLETED',
      error: null,
      result: { total: 4, succeeded: 3, failed: 1, cancelled: 0 },
    });
    expect(await path.statuses(batch)).toEqual(['COMPLETED', 'FAILED', 'COMPLETED', 'COMPLETED']);
    expect((await path.items(batch))[1]?.error).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await path.endings(batch.id)).toMatchObject([
      { type: 'CompletionEvent', taskName: 'batch_lipsync', result: state.result },
    ]);
  });

  test('says of each item that it ended, at once, before its own last event', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    path.fail(2);
    const batch = await path.enqueueBatch(3);
    await path.ended(batch.id);
    const events = await path.events(batch.id);
    const ends = events
      .filter((event) => event.type === 'ProgressEvent')
      .map(({ metadata }) => `${metadata?.['itemIndex']} ${metadata?.['itemStatus']}`)
      .filter((text) => /completed|failed/.test(text));
    // The last may be overtaken by the batch's end.
    expect(['0 completed', '1 completed', '2 failed']).toEqual(expect.arrayContaining(ends));
    expect(ends.length).toBeGreaterThanOrEqual(2);
    expect(events.at(-1)?.type).toBe('CompletionEvent');
  });

  test('completes also when every item failed', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    for (const index of range(0, 2)) path.fail(index);
    const batch = await path.enqueueBatch(3);
    expect(await path.ended(batch.id)).toMatchObject({
      status: 'COMPLETED',
      result: { total: 3, succeeded: 0, failed: 3, cancelled: 0 },
    });
  });

  test('takes no place of a worker while it waits: one worker of one job runs it all', async () => {
    const path = await createBatchPath();
    await path.startWorker({ concurrency: 1 });
    const batch = await path.enqueueBatch(5);
    expect(await path.ended(batch.id)).toMatchObject({ result: { succeeded: 5 } });
    expect(path.ran).toEqual(range(0, 4).map((index) => `${index}#1`));
  });

  /** Writers of the items of a batch in one process, and how often they have told their batch, which never hears them. */
  async function unheard(count: number) {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(count);
    const told = { reports: 0 };
    const log = Object.assign(Object.create(path.log) as typeof path.log, {
      append: path.log.append.bind(path.log),
      report: () => {
        told.reports += 1;
        return new Promise<never>(() => {});
      },
    });
    const batches = new BatchReports({ log, clock: systemClock, logger: silentLogger });
    const writers = (await path.items(batch)).map((item) => {
      const writer = new JobWriter(path.log, path.projectId);
      return Object.assign(writer, { state: item, log: batches.logFor(item) });
    });
    return { path, batches, told, writers };
  }

  test('never makes an item wait or fail for its sake (G6)', async () => {
    const { told, writers } = await unheard(1);
    const [writer] = writers;
    expect((await writer?.begin())?.code).toBe('OK');
    expect((await writer?.complete())?.code).toBe('OK');
    expect(told.reports).toBe(1);
  });

  test('hears all items that run in one process together, until none of them does any more', async () => {
    const { batches, path, told, writers } = await unheard(4);
    const [one, other, later, silent] = writers as [JobWriter, JobWriter, JobWriter, JobWriter];
    // Jobs that have told no batch.
    for (const job of [silent.state, await path.enqueue()]) batches.release(job);
    await one.begin();
    await other.begin();
    batches.release(one.state);
    await other.progress(0.5);
    expect(told.reports).toBe(1);
    batches.release(other.state);
    await later.begin();
    expect(told.reports).toBe(2);
  });
});

describe('cancelling', () => {
  test('a batch of 1,000 ends it first, then every item once, stops what runs, and empties the queue', async () => {
    const path = await createBatchPath();
    const held = range(0, 5).map((index) => path.hold(index));
    const batch = await path.enqueueBatch(1_000);
    const workers = await Promise.all(range(1, 3).map(() => path.startWorker({ concurrency: 2 })));
    const steps = await Promise.all(held.map((item) => item.entered()));
    expect(await path.commands.cancel(path.projectId, batch.id)).toMatchObject({ status: 'CANCELLED' });
    expect(new Set(await path.statuses(batch))).toEqual(new Set(['CANCELLED']));
    await until(() => steps.every(({ signal }) => signal.aborted));
    await until(() => workers.every(({ runner }) => runner.running.length === 0));
    expect(path.ran).toHaveLength(6);

    const log = await path.log.readAfter(path.projectId, { epoch: '', seq: 0, hash: '' }, 10_000);
    const endings = log.filter(({ event }) => (event as ErrorEvent).willRetry === false);
    expect(endings.map(({ event }) => event.jobId).toSorted()).toEqual([batch.id, ...itemIds(batch)]);
    expect(endings[0]?.event).toMatchObject({ jobId: batch.id, code: 'CANCELLED' });
    expect(log.findLast(({ event }) => event.jobId === batch.id)).toEqual(endings[0]);
    await until(
      async () =>
        (await path.bull.getJobCountByTypes('waiting', 'prioritized', 'waiting-children', 'active')) === 0,
    );
    expect(await path.jobs.itemCounts(path.projectId, batch.id)).toMatchObject({ cancelled: 1_000 });
  });

  test('a batch tells the workers of its items at once, before they look for themselves', async () => {
    const path = await createBatchPath();
    const hourMs = 3_600_000;
    await path.startWorker({ lookIntervalMs: hourMs, jobTimeoutMs: hourMs });
    const held = path.hold(1);
    const batch = await path.enqueueBatch(3);
    const step = await held.entered();
    await path.commands.cancel(path.projectId, batch.id);
    await until(() => step.signal.aborted);
  });

  test('a batch keeps what its items had reached, and is refused once it has ended', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    const held = path.hold(1);
    const batch = await path.enqueueBatch(2);
    await held.entered();
    await until(async () => (await path.load(itemId(batch.id, 0))).status === 'COMPLETED');
    await path.commands.cancel(path.projectId, batch.id);
    expect(await path.statuses(batch)).toEqual(['COMPLETED', 'CANCELLED']);
    expect(await path.load(batch.id)).toMatchObject({ status: 'CANCELLED', error: { code: 'CANCELLED' } });
    await path.commands.cancel(path.projectId, batch.id);
    expect(await path.endings(batch.id)).toHaveLength(1);

    const other = await path.enqueueBatch(1);
    await path.ended(other.id);
    await expect(path.commands.cancel(path.projectId, other.id)).rejects.toMatchObject({ code: 'JOB_ENDED' });
  });

  test('one item leaves the others; the batch says so and counts it', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await path.commands.cancel(path.projectId, itemId(batch.id, 1));
    expect((await path.events(batch.id)).at(-1)).toMatchObject({
      progress: 0.333333,
      message: '#2 Cancelled',
      metadata: { itemIndex: 1, itemStatus: 'cancelled', cancelled: 1, total: 3 },
    });
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({
      status: 'COMPLETED',
      result: { total: 3, succeeded: 2, failed: 0, cancelled: 1 },
    });
    expect(path.ran.toSorted()).toEqual(['0#1', '2#1']);
  });

  test('every item by itself completes the batch', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    for (const id of itemIds(batch)) await path.commands.cancel(path.projectId, id);
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', result: { cancelled: 3 } });
  });
});

describe('through GraphQL', () => {
  test('a batch of 3: made, followed, read with its items, retried', async () => {
    const path = await createBatchPath();
    const commands = new JobCommands({
      redis: path.redis,
      keys: path.keys,
      log: path.log,
      jobs: path.jobs,
      queue: path.queue,
      clock: systemClock,
      logger: silentLogger,
      workflows: withInput('DIRECTOR', inputSchema),
    });
    const contextValue = {
      commands,
      jobs: path.jobs,
      openEvents: (request: Parameters<typeof openEventStream>[1]) => openEventStream(path.sources, request),
      artifactUrl: (file: string) => `/files/${file}`,
    };
    const ask = async (source: string, variableValues: Record<string, unknown>): Promise<never> => {
      const { data, errors } = await graphql({ schema, source, contextValue, variableValues });
      expect(errors).toBeUndefined();
      return JSON.parse(JSON.stringify(data)) as never;
    };
    const { generateVideoBatch: made } = (await ask(
      `mutation ($input: GenerateVideoBatchInput!) { generateVideoBatch(input: $input) {
        id taskName workflow status steps { name } items { id status parent { id } } parent { id }
      } }`,
      {
        input: {
          projectId: path.projectId,
          items: range(0, 2).map((index) => ({ script: `item ${index}` })),
        },
      },
    )) as { generateVideoBatch: { id: string; items: { id: string }[] } };
    const parent = { id: made.id };
    expect(made).toMatchObject({
      taskName: 'batch_video_generation',
      workflow: 'DIRECTOR',
      status: 'QUEUED',
      steps: [],
      parent: null,
      items: range(0, 2).map(() => ({ status: 'QUEUED', parent })),
    });

    const stream = await path.open({ projectId: path.projectId, jobId: made.id, snapshot: true });
    for (const { id } of made.items.slice(0, 2)) await commands.cancel(path.projectId, id);
    const last = made.items[2]?.id ?? '';
    const writer = new JobWriter(path.log, path.projectId, last);
    writer.state = await path.load(last);
    await writer.begin();
    await writer.complete();
    await path.startWorker();
    const events = await stream.rest();
    expect(events.map(({ event }) => event.type)).toEqual([
      'ProgressEvent',
      'ProgressEvent',
      'ProgressEvent',
      'CompletionEvent',
    ]);
    const { job } = (await ask(
      `query ($projectId: ID!, $id: ID!) { job(projectId: $projectId, id: $id) {
        status progressPercent items { status }
        result { ... on BatchResult { total succeeded failed cancelled } }
      } }`,
      { projectId: path.projectId, id: made.id },
    )) as { job: unknown };
    expect(job).toEqual({
      status: 'COMPLETED',
      progressPercent: 100,
      items: [{ status: 'CANCELLED' }, { status: 'CANCELLED' }, { status: 'COMPLETED' }],
      result: { total: 3, succeeded: 1, failed: 0, cancelled: 2 },
    });
    const list = `query ($projectId: ID!, $items: Boolean) {
      jobs(projectId: $projectId, items: $items) { edges { node { id } } } }`;
    const ids = async (variables: object): Promise<number> => {
      const { jobs } = (await ask(list, { projectId: path.projectId, ...variables })) as {
        jobs: { edges: unknown[] };
      };
      return jobs.edges.length;
    };
    expect([await ids({}), await ids({ items: true }), await ids({ items: null })]).toEqual([1, 4, 1]);
    const { retryJob } = (await ask(
      `mutation ($projectId: ID!, $id: ID!) { retryJob(projectId: $projectId, id: $id) { attempt items { status } } }`,
      { projectId: path.projectId, id: made.id },
    )) as { retryJob: { attempt: number } };
    expect(retryJob.attempt).toBe(2);
  });
});
