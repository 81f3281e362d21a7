/** What is looked up before a job is enqueued, and how long that may take. */
import { expect, test } from 'vitest';
import { type Admit, createAdmission } from '../../src/jobs/admission.ts';
import type { AdmissionContext } from '../../src/jobs/definition.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { type BatchPath, createBatchPath } from '../setup/batch-harness.ts';
import { connect, OwnRedis, slowly } from '../setup/harness.ts';

/** A path whose workflow looks something up for each item. */
async function createPath(
  redis: ReturnType<typeof connect>,
  lookUp: (context: AdmissionContext) => Promise<unknown>,
): Promise<BatchPath> {
  let admit: Admit | undefined;
  const workflow = {
    admit: async (_input: unknown, context: AdmissionContext) => {
      await lookUp(context);
      return {};
    },
  };
  const path = await createBatchPath({
    admission: async (request) => (await admit?.({ ...request, workflow })) ?? [],
  });
  const { keys } = path;
  admit = createAdmission({ redis, keys, jobs: new JobStore(redis, keys, new Map()) });
  return path;
}

test('a batch has the time of each of its items’ look-ups, not of one', async () => {
  const path = await createPath(slowly(connect()), ({ job }) => job('unknown'));
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
    const path = await createPath(connect(away.url), lookUp);
    await away.stop();
    await expect(path.enqueueBatch(2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await path.jobs.list(path.projectId, { items: true }, null, 10)).toEqual([]);
  },
);
