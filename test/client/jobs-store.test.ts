/** What hooks are made of, against a server that asks for credentials. */
import { expect, onTestFinished, test } from 'vitest';
import { createClient, type Job, type PlayheadClient, RequestError } from '../../client/index.ts';
import { createJobsStore, type JobsStore } from '../../client/react/jobs-store.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { openScribedApi } from '../web/scribed-api.ts';

const { api, prefix, redis, scribe } = openScribedApi('narrow', { PLAYHEAD_AUTH_SECRET: AUTH_SECRET });
const projectId = unique('project');

async function openBackend(): Promise<PlayheadClient> {
  const keys = new CredentialStore(redis, createKeys(prefix), systemClock);
  const key = await keys.createKey({ name: '', projects: [projectId], scope: 'write', expiresAt: null });
  return createClient({ url: api.url, projectId, token: key.text });
}

/** @param jobId the only job that its token reads; null: all of the project */
async function openStore(jobId: string | null): Promise<JobsStore> {
  const backend = await openBackend();
  const { createViewerToken } = await backend.request<{
    readonly createViewerToken: { readonly token: string };
  }>(
    `mutation ($projectId: ID!, $jobId: ID) { createViewerToken(projectId: $projectId, jobId: $jobId) { token } }`,
    { projectId, jobId },
  );
  const client = createClient({ url: api.url, projectId, token: createViewerToken.token });
  const store = createJobsStore(client);
  onTestFinished(() => {
    store.close();
    client.close();
  });
  return store;
}

/** A store that reads as a client does, and hears what the test tells it. */
function openTold(
  backend: PlayheadClient,
  job: Pick<PlayheadClient, 'job'>['job'] = backend.job.bind(backend),
) {
  const sinks: Parameters<PlayheadClient['watch']>[0][] = [];
  const listeners: Parameters<PlayheadClient['onConnection']>[0][] = [];
  const store = createJobsStore({
    ...{ jobs: backend.jobs.bind(backend), job },
    onConnection: (listener) => {
      listeners.push(listener);
      return () => {};
    },
    watch: (sink) => {
      sinks.push(sink);
      return () => {};
    },
  });
  onTestFinished(() => store.close());
  return { listeners, sinks, store };
}

test('a job that ended while the stream connected is shown as it ended', async () => {
  const backend = await openBackend();
  const { id } = await backend.start('WRITER', { brief: 'bees' });
  const { listeners, sinks, store } = openTold(backend);
  store.watchJob(undefined, id, () => {});
  sinks[0]?.anew?.();
  await until(() => store.job(undefined, id).data?.status === 'QUEUED');
  await backend.cancel(id);
  // No event tells it: the stream began behind it.
  listeners[0]?.({ name: 'live', transport: 'websocket' });
  await until(() => store.job(undefined, id).data?.status === 'CANCELLED');
});

test('whoever shows a job is told once a frame, and of no other job', async () => {
  const backend = await openBackend();
  const [one, other] = [
    await backend.start('WRITER', { brief: 'bees' }),
    await backend.start('WRITER', { brief: 'ants' }),
  ];
  const { sinks, store } = openTold(backend);
  const told: string[] = [];
  for (const { id } of [one, other]) store.watchJob(undefined, id, () => told.push(id));
  await until(() => told.length === 2);
  expect(sinks).toHaveLength(1);
  for (let event = 1; event <= 100; event += 1) {
    sinks[0]?.next({ ...one, version: one.version + event, progress: event / 200 });
  }
  await until(() => told.length > 2);
  expect(told.slice(2)).toEqual([one.id]);
  expect(store.job(undefined, one.id).data?.progress).toBe(0.5);
});

test('a read and its stream are both refused: the error is the read’s, whichever comes first', async () => {
  const refusal = (code: string): RequestError => new RequestError(code, code);
  const backend = await openBackend();
  const { sinks, store } = openTold(backend, (id) => Promise.reject(refusal(`NOT_FOUND ${id}`)));
  const error = (id: string) => store.job(undefined, id).error?.code;
  // Of a stream of its own: the first refusal leaves the project's.
  store.watchJob(undefined, 'read first', () => {});
  sinks[0]?.error?.(refusal('FORBIDDEN'));
  await until(() => error('read first') === 'NOT_FOUND read first');
  sinks[1]?.error?.(refusal('FORBIDDEN'));
  expect(error('read first')).toBe('NOT_FOUND read first');

  store.watchJob(undefined, 'refused first', () => {});
  sinks[2]?.error?.(refusal('FORBIDDEN'));
  expect(error('refused first')).toBe('FORBIDDEN');
  await until(() => error('refused first') === 'NOT_FOUND refused first');
});

test('a job that is not there for its token: the error is the stream’s, whichever comes first', async () => {
  const backend = await openBackend();
  const reads: PromiseWithResolvers<null>[] = [];
  const { sinks, store } = openTold(backend, () => {
    const read = Promise.withResolvers<null>();
    reads.push(read);
    return read.promise;
  });
  const shown = (id: string) => store.job(undefined, id);
  const refusal = new RequestError('There is no such job', 'NOT_FOUND');
  for (const [place, id] of ['read first', 'refused first'].entries()) {
    store.watchJob(undefined, id, () => {});
    const steps = [
      async () => {
        reads[place]?.resolve(null);
        await reads[place]?.promise;
      },
      () => sinks[0]?.error?.(refusal),
    ];
    for (const step of id === 'read first' ? steps : steps.toReversed()) await step();
    await until(() => shown(id).error !== null);
    expect(shown(id)).toEqual({ data: null, error: refusal, isLoading: false });
  }
});

test('a job that is new to a list comes at once, and with all that there is to tell of it', async () => {
  const store = await openStore(null);
  store.watchList({}, () => {});
  await until(() => store.list({}).data !== null);
  const { id } = await (await openBackend()).start('WRITER', { brief: 'A film about bees', title: 'Bees' });
  const listed = () => store.list({}).data?.find((job) => job.id === id);
  await until(() => listed()?.title === 'Bees');
  expect(listed()).toMatchObject({ status: 'QUEUED', createdAt: expect.stringMatching(/^20/) });
});

test('with a token of one job, that job is live, through a restart of the server; lists and other jobs are refused', async () => {
  const [job, other] = [await scribe.begin(projectId), await scribe.begin(projectId)];
  const store = await openStore(job.id);
  store.watchJob(undefined, job.id, () => {});
  const shown = (): Job | null => store.job(undefined, job.id).data;
  job.step('generate_videos', 0.1, 'Clip 1');
  await until(() => shown()?.message === 'Clip 1');
  expect(store.job(undefined, job.id)).toMatchObject({ error: null, isLoading: false });

  store.watchList({}, () => {});
  store.watchJob(undefined, other.id, () => {});
  await until(() => store.list({}).error?.code === 'FORBIDDEN');
  await until(() => store.job(undefined, other.id).error?.code === 'NOT_FOUND');
  expect(store.job(undefined, other.id).data).toBeNull();

  await api.kill();
  job.step('generate_videos', 0.2, 'Clip 2');
  await api.start();
  await until(() => shown()?.message === 'Clip 2');
  await job.complete({ type: 'DataResult', answer: 42 });
  await until(() => shown()?.status === 'COMPLETED');
  // What was asked for while the server was away is asked again.
  await until(() => store.job(undefined, job.id).error === null);
  await other.close();
});
