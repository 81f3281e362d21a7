import { expect, test } from 'vitest';
import { createJobLoader } from '../../src/log/job-loader.ts';
import { createEventPath, JobWriter, unique } from '../setup/harness.ts';

test('jobs asked for in one turn are read in one round trip, each once; one that can’t be read fails alone', async () => {
  const { jobs, keys, log, redis } = createEventPath();
  const projectId = unique('project');
  const [one, broken] = [new JobWriter(log, projectId), new JobWriter(log, projectId)];
  await one.create();
  await broken.create();
  await redis.hset(keys.project(projectId).job(broken.state.id), 'steps', '{');
  const asked: string[][] = [];
  const load = createJobLoader((ids) => {
    asked.push(ids.map(({ jobId }) => jobId));
    return jobs.loadMany(ids);
  });
  const { id } = one.state;
  const answers = await Promise.allSettled([
    ...[load(projectId, id), load(projectId, 'unknown'), load(projectId, id)],
    load(projectId, broken.state.id),
  ]);
  expect(asked).toEqual([[id, 'unknown', broken.state.id]]);
  expect(answers).toMatchObject([
    { value: { id } },
    { value: null },
    { value: { id } },
    { reason: { code: 'RECORD_DAMAGED' } },
  ]);
  // Nothing is kept: a later question sees what has become of the job.
  await one.begin();
  expect(await load(projectId, id)).toMatchObject({ status: 'RUNNING' });
});
