/** What a workflow can look up before a job of it is enqueued, how long that may take, and how its refusals reach the client. */
import { expect, onTestFinished, test } from 'vitest';
import { badInput, PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { type Admit, createAdmission } from '../../src/jobs/admission.ts';
import type { AdmissionContext } from '../../src/jobs/definition.ts';
import { JobStore } from '../../src/log/job-store.ts';
import type { WorkSize } from '../../src/progress/run-so-far.ts';
import { startHeartbeat } from '../../src/redis/heartbeat.ts';
import { type BatchPath, createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect, OwnRedis, slowly } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

/** What a workflow looks up for each of the inputs. */
function admit(
  path: JobPath,
  inputs: readonly unknown[],
  look: (input: never, context: AdmissionContext) => Promise<WorkSize>,
): Promise<readonly WorkSize[]> {
  const { projectId } = path;
  const workflow = { admit: look as (input: unknown, context: AdmissionContext) => Promise<WorkSize> };
  const fields = inputs.map((input, index) => ({ field: `input.items.${index}`, input }));
  return createAdmission(path)({ projectId, workflow, inputs: fields });
}

/** Announces a worker with these abilities. */
async function announce(path: JobPath, ...abilities: string[]): Promise<void> {
  const { keys, redis } = path;
  const offer = { slots: 1, setups: {} };
  const beat = startHeartbeat({ redis, keys, logger: silentLogger, abilities: async () => abilities, offer });
  onTestFinished(() => beat.close());
  await until(async () => (await redis.zcard(keys.workers)) === 1);
  await until(async () => (await redis.zcard(keys.abilities)) === abilities.length);
}

test('the sizes of all inputs are found out, in their order', async () => {
  const path = await createJobPath();
  const seen: string[] = [];
  const sizes = await admit(path, [3, 1, 2], async (seconds: number, { projectId }) => {
    seen.push(projectId);
    return { seconds };
  });
  expect(sizes).toEqual([{ seconds: 3 }, { seconds: 1 }, { seconds: 2 }]);
  expect(seen).toEqual([path.projectId, path.projectId, path.projectId]);
});

test('jobs of the project are seen as they stand, and none of another project', async () => {
  const path = await createBatchPath();
  await path.startWorker();
  const { id } = await path.enqueue();
  const { result } = await path.ended(id);
  const batch = await path.enqueueBatch(1);
  await path.ended(batch.id);
  const other = await path.enqueue({ projectId: `${path.projectId}-other` });
  const jobs: unknown[] = [];
  await admit(path, [id, batch.id, other.id, 'unknown'], async (jobId: string, context) => {
    jobs.push(await context.job(jobId));
    return {};
  });
  const completed = { workflow: 'LIPSYNC', status: 'COMPLETED' };
  expect(jobs).toEqual([
    { ...completed, isBatch: false, result },
    { ...completed, isBatch: true, result: expect.objectContaining({ type: 'BatchResult', succeeded: 1 }) },
    null,
    null,
  ]);
});

test('an ability is missing only while there is a worker, and none that offers it', async () => {
  const path = await createJobPath();
  const missing: unknown[] = [];
  const ask = async (needed: readonly string[], context: AdmissionContext): Promise<WorkSize> => {
    missing.push(await context.missingAbility(needed));
    return {};
  };
  await path.redis.zadd(path.keys.workers, 1, 'long gone');
  await admit(path, [['x']], ask);
  await path.redis.zrem(path.keys.workers, 'long gone');
  await announce(path, 'x', 'yz');
  await admit(path, [['x'], ['x', 'y', 'z'], ['x', 'yz'], []], ask);
  expect(missing).toEqual([undefined, undefined, 'y', undefined, undefined]);
});

test('an ability that several inputs need is asked about once for all of them', async () => {
  const path = await createJobPath();
  await announce(path, 'x');
  const missing: unknown[] = [];
  const ask = async (needed: readonly string[], context: AdmissionContext): Promise<WorkSize> => {
    missing.push(await context.missingAbility(needed));
    await path.redis.zadd(path.keys.abilities, Date.now(), 'y');
    return {};
  };
  await admit(path, [['y'], ['y']], ask);
  await admit(path, [['y']], ask);
  expect(missing).toEqual(['y', 'y', undefined]);
});

test.each([
  [
    'a field of the input',
    badInput('script', 'a text', 3),
    'input.items.1.script: expected a text, received 3',
    { field: 'input.items.1.script', expected: 'a text', received: '3' },
  ],
  [
    'the input as a whole',
    new PlayheadError('BAD_USER_INPUT', 'expected less'),
    'input.items.1: expected less',
    { field: 'input.items.1' },
  ],
])('a refusal of %s names the field of the request', async (_what, refusal, message, details) => {
  const path = await createJobPath();
  const refused = admit(path, [false, true], async (isWrong: boolean) => {
    if (isWrong) throw refusal;
    return {};
  });
  await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message, cause: refusal });
  await expect(refused).rejects.toHaveProperty('details', details);
});

test.each([new PlayheadError('TOOL_MISSING', 'script: there is no tool'), new TypeError('broken')])(
  'another error reaches the client as it is: %o',
  async (error) => {
    const path = await createJobPath();
    await expect(admit(path, [1], () => Promise.reject(error))).rejects.toBe(error);
  },
);

/** A path whose workflow looks something up for each item. */
async function createLookingPath(
  redis: ReturnType<typeof connect>,
  lookUp: (context: AdmissionContext) => Promise<unknown>,
): Promise<BatchPath> {
  let look: Admit | undefined;
  const workflow = {
    admit: async (_input: unknown, context: AdmissionContext) => {
      await lookUp(context);
      return {};
    },
  };
  const path = await createBatchPath({
    admission: async (request) => (await look?.({ ...request, workflow })) ?? [],
  });
  const { keys } = path;
  look = createAdmission({ redis, keys, jobs: new JobStore(redis, keys, new Map()) });
  return path;
}

test('a batch has the time of each of its items’ look-ups, not of one', async () => {
  const path = await createLookingPath(slowly(connect()), ({ job }) => job('unknown'));
  const batch = await path.enqueueBatch(30);
  expect(await path.statuses(batch)).toEqual(new Array(30).fill('QUEUED'));
});

test.each([
  ['a job', ({ job }) => job('unknown')],
  ['an ability', ({ missingAbility }) => missingAbility(['speech'])],
] satisfies [string, (context: AdmissionContext) => Promise<unknown>][])(
  'a look-up of %s that Redis does not answer ends it as UNAVAILABLE',
  async (_what, lookUp) => {
    const away = await OwnRedis.launch();
    const path = await createLookingPath(connect(away.url), lookUp);
    await away.stop();
    await expect(path.enqueueBatch(2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await path.jobs.list(path.projectId, { items: true }, null, 10)).toEqual([]);
  },
);
