/** trackWorker, with BullMQ itself, a real server and a real Redis. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Job, Queue, Worker, type WorkerOptions } from 'bullmq';
import { expect, inject, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { progressOf, readProgress, type TrackWorkerOptions, trackWorker } from '../../src/tracker/bullmq.ts';
import { connectTracker } from '../../src/tracker/connect-tracker.ts';
import { fieldOf, startSecured } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';

interface Seen {
  readonly id: string;
  readonly taskName: string;
  readonly externalId: string;
  readonly status: string;
  readonly attempt: number;
  readonly progress: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly history: { readonly edges: readonly { readonly node: Record<string, unknown> }[] };
}

const JOBS = `{ jobs(projectId: "a") { edges { node {
  id taskName externalId title input status attempt maxAttempts progress step message metadata
  error { code message } result { ... on DataResult { data } }
  history(first: 50) { edges { node { ... on Event { attempt } ... on ProgressEvent { status message } ... on ErrorEvent { error willRetry } } } }
} } } }`;

async function prepare() {
  const secured = await startSecured();
  const token = await secured.key({ scope: 'write' });
  const said: string[] = [];
  const logger = { ...silentLogger, error: (_fields: object, message: string) => void said.push(message) };
  const redis = inject('redisUrl');
  const playhead = connectTracker({ redis, prefix: secured.prefix, logger });
  onTestFinished(async () => void (await playhead.close()));
  const name = unique('queue');
  const queue = new Queue(name, { connection: { url: redis } });
  onTestFinished(() => queue.close());
  return {
    ...{ name, queue, said, secured, token },
    /** Works on the queue, as somebody's program does. */
    work(
      processor: (job: Job, token?: string, signal?: AbortSignal) => Promise<unknown>,
      track: Partial<TrackWorkerOptions<Job>> = {},
      options: Partial<WorkerOptions> = {},
    ): Worker {
      const worker = new Worker(name, processor, { connection: { url: redis }, ...options });
      trackWorker(worker, { projectId: 'a', playhead, ...track });
      onTestFinished(() => worker.close(true));
      return worker;
    },
    /** The only job, as soon as it is so. */
    see: (isSo: (job: Seen) => boolean): Promise<Seen> =>
      until(async () => {
        const answer = await secured.post(JOBS, { credential: token });
        const { edges } = await fieldOf<{ edges: { node: Seen }[] }>(answer, 'jobs');
        expect(edges.length).toBeLessThanOrEqual(1);
        const job = edges[0]?.node;
        return job !== undefined && isSo(job) && job;
      }),
    cancel: async (id: string) => {
      const cancel = 'mutation ($id: ID!) { cancelJob(projectId: "a", id: $id) { id } }';
      await fieldOf(await secured.post(cancel, { credential: token, variables: { id } }), 'cancelJob');
    },
  };
}

test('a worker’s jobs are shown without a change to the processor', async () => {
  const { name, queue, see, work } = await prepare();
  const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
  work(
    async (job) => {
      await job.updateProgress(40);
      await seen;
      return { frames: job.data.frames };
    },
    { title: (job) => `${job.data.frames} frames`, input: (job) => job.data },
  );
  const { id } = await queue.add('transcode', { frames: 9 }, { attempts: 3 });
  expect(await see(({ progress }) => progress === 0.4)).toMatchObject({
    ...{ taskName: 'transcode', externalId: `${name}:${id}`, title: '9 frames', input: { frames: 9 } },
    ...{ status: 'RUNNING', attempt: 1, maxAttempts: 3 },
  });
  goOn();
  expect(await see(({ status }) => status === 'COMPLETED')).toMatchObject({
    result: { data: { frames: 9 } },
  });
});

test('a retry is the next attempt, with its wait; the last failure ends the job', async () => {
  const { queue, see, work } = await prepare();
  work(async () => {
    throw Object.assign(new Error('no disk'), { code: 'ENOSPC' });
  });
  await queue.add('transcode', {}, { attempts: 2, backoff: { type: 'fixed', delay: 1 } });
  const job = await see(({ status }) => status === 'FAILED');
  expect(job).toMatchObject({ attempt: 2, error: { code: 'ENOSPC', message: 'no disk' } });
  const failures = job.history.edges.map(({ node }) => node).filter(({ error }) => error !== undefined);
  expect(failures).toEqual([
    { attempt: 1, error: 'no disk', willRetry: true },
    { attempt: 2, error: 'no disk', willRetry: false },
  ]);
});

test('inside of a processor there is the tracker, and updateProgress takes steps', async () => {
  const { queue, see, work } = await prepare();
  const { promise: seen, resolve: goOn } = Promise.withResolvers<void>();
  work(
    async (job) => {
      progressOf(job)?.step('probe', 1);
      await job.updateProgress({ step: 'encode', stepProgress: 0.5, message: 'Frame 5', frame: 5 });
      await seen;
    },
    { taskName: 'film', steps: { probe: 1, encode: 3 } },
  );
  await queue.add('transcode', {});
  expect(await see((job) => job.progress > 0.25)).toMatchObject({
    ...{ taskName: 'film', progress: 0.625, step: 'encode', message: 'Frame 5', metadata: { frame: 5 } },
  });
  goOn();
  await see(({ status }) => status === 'COMPLETED');
  expect(progressOf({})).toBeUndefined();
});

test('cancelJob aborts the signal that BullMQ gives to the processor, and its next attempt too', async () => {
  const { cancel, queue, see, work } = await prepare();
  const runs: unknown[] = [];
  work(async (_job, _token, signal) => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal?.addEventListener('abort', () => {
      runs.push(signal.reason);
      reject(new Error('stopped'));
    });
    return promise;
  });
  const { id = '' } = await queue.add('transcode', {}, { attempts: 2 });
  await cancel((await see(({ status }) => status === 'RUNNING')).id);
  await until(async () => (await queue.getJobState(id)) === 'failed');
  expect(runs).toHaveLength(2);
  expect(await see(({ status }) => status === 'CANCELLED')).toMatchObject({ attempt: 1 });
});

test('a job whose worker was killed goes on as the next attempt, which says so', async () => {
  const { name, queue, secured, see, work } = await prepare();
  const script = new URL('./bullmq-process.ts', import.meta.url);
  const child = fork(script, [inject('redisUrl'), secured.prefix, name], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { id = '' } = await queue.add('transcode', {});
  await see(({ status }) => status === 'RUNNING');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  // As if its time had run out.
  expect(await connect().del(`${queue.toKey(id)}:lock`)).toBe(1);
  work(async () => 'done', {}, { stalledInterval: 200 });
  const job = await see(({ status }) => status === 'COMPLETED');
  expect(job.attempt).toBe(2);
  expect(job.history.edges.map(({ node }) => node)).toContainEqual(
    expect.objectContaining({ attempt: 2, message: 'Taken again: the worker that had it fell silent' }),
  );
});

test('what is thrown while a job is told reaches the log, and not the worker', async () => {
  const { queue, said, work } = await prepare();
  const done: string[] = [];
  const projectId = (): string => {
    throw new Error('no project');
  };
  work(async (job) => void done.push(job.name), { projectId });
  const { id = '' } = await queue.add('transcode', {});
  await until(async () => (await queue.getJobState(id)) === 'completed');
  expect(done).toEqual(['transcode']);
  expect(said[0]).toMatch(/^Playhead is not told of a job of queue-.*: Error: no project$/);
});

test.each([
  [40, { progress: 0.4 }],
  [140, { progress: 1 }],
  [Number.NaN, { progress: 0 }],
  ['Encoding', { message: 'Encoding' }],
  [true, {}],
  [['no', 'object'], {}],
  [{ percent: 40 }, { progress: 0.4 }],
  [
    { progress: 0.4, message: 'Encoding', frame: 4 },
    { progress: 0.4, message: 'Encoding', metadata: { frame: 4 } },
  ],
  [
    { step: 'encode', stepProgress: 0.5 },
    { step: 'encode', stepProgress: 0.5 },
  ],
  [{ step: 3, progress: 'half' }, {}],
])('updateProgress(%j) says %j', (value, reading) => {
  expect(readProgress(value)).toEqual(reading);
});

test('the example runs as it is written', async () => {
  const secured = await startSecured();
  const token = await secured.key({ scope: 'report' });
  const folder = await mkdtemp(join(tmpdir(), 'playhead-sums-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'a.txt'), 'a');
  await copyFile('LICENSE', join(folder, 'LICENSE'));
  // A BullMQ of its own: the example's queue has a fixed name.
  const redis = new URL(inject('redisUrl'));
  redis.pathname = '/9';
  const env = { ...process.env, REDIS_URL: redis.href, PLAYHEAD_URL: secured.url, PLAYHEAD_TOKEN: token };
  const worker = fork('examples/bullmq/worker.ts', { env, stdio: 'inherit' });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const added = await promisify(execFile)(process.execPath, ['examples/bullmq/add.ts', folder, 'a'], { env });
  expect(added.stdout).toMatch(/^job \d+\n$/);
  const reader = await secured.key({ scope: 'read' });
  const ended = await until(async () => {
    const answer = await secured.post(JOBS, { credential: reader });
    const { edges } = await fieldOf<{ edges: { node: Seen }[] }>(answer, 'jobs');
    return edges[0]?.node.status === 'COMPLETED' && edges[0].node;
  });
  expect(ended).toMatchObject({ taskName: 'checksums', title: folder, result: { data: { files: 2 } } });
  expect(await readFile(join(folder, 'SHA256SUMS'), 'utf8')).toContain(
    'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.txt',
  );
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  expect(await exited).toBe(0);
});
