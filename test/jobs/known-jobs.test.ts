/** What a process keeps of the tracked jobs that it has last written reports of. */
import { expect, test } from 'vitest';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { connect, createEventPath, unique } from '../setup/harness.ts';

/** A process' tracked jobs with one of them, and the commands that it sends. */
async function known() {
  const { keys } = createEventPath();
  const redis = connect();
  const sent: string[] = [];
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, ...rest) => {
    sent.push(command.name);
    return send(command, ...rest);
  };
  const tracked = new TrackedJobs({ redis, keys });
  const projectId = unique('project');
  const { job, lease } = await tracked.track({ projectId, taskName: 'cut' });
  const holder = { projectId, jobId: job.id, lease };
  const commandsOf = async (report: object): Promise<readonly string[]> => {
    sent.length = 0;
    expect(await tracked.reportProgress({ ...holder, ...report })).toMatchObject({ accepted: true });
    return [...sent];
  };
  return { commandsOf, holder, tracked };
}

test('a report behind another of the same process needs no look at its job, nor does a heartbeat', async () => {
  const { commandsOf } = await known();
  expect(await commandsOf({ progress: 0.1 })).toContain('hmget');
  for (const report of [{ progress: 0.2 }, {}, {}, { progress: 0.3 }])
    expect(await commandsOf(report)).not.toContain('hmget');
});

test('a job that a process knows is shown to nobody else: not to another lease, nor in another project', async () => {
  const { commandsOf, holder, tracked } = await known();
  const other = await known();
  await commandsOf({ progress: 0.5 });
  for (const wrong of [
    { ...holder, lease: other.holder.lease },
    { ...holder, projectId: other.holder.projectId },
    { ...holder, jobId: other.holder.jobId },
  ])
    await expect(tracked.reportProgress({ ...wrong, progress: 0.6 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  expect((await tracked.reportProgress(holder)).job).toMatchObject({ progress: 0.5 });
});
