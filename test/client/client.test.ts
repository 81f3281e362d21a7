/** playhead/client against a real server, straight and through proxies of several manners. */
import { parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import {
  createClient,
  type Job,
  type PlayheadClient,
  type Transport,
  type TypedDocument,
} from '../../client/index.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { openScribedApi } from '../web/scribed-api.ts';
import { startProxy } from './proxy.ts';

const { api, redis, scribe } = openScribedApi('client');

function openClient(
  projectId = unique('project'),
  url = api.url,
): PlayheadClient & { readonly projectId: string } {
  const client = createClient({ url, projectId });
  onTestFinished(() => client.close());
  return Object.assign(client, { projectId });
}

async function collect(states: AsyncIterable<Job>): Promise<Job[]> {
  const seen: Job[] = [];
  for await (const job of states) seen.push(job);
  return seen;
}

test('starts by workflow or mutation, reads, pages, cancels and retries', async () => {
  const client = openClient();
  const one = await client.start('WRITER', { brief: 'bees' });
  const other = await client.start('writeScript', { brief: 'wasps' }, { maxAttempts: 1 });
  expect(one).toMatchObject({
    status: 'QUEUED',
    workflow: 'WRITER',
    projectId: client.projectId,
    attempt: 1,
  });
  expect(await client.job(other.id)).toMatchObject({ id: other.id, maxAttempts: 1 });
  expect(await client.job('unknown')).toBeNull();
  const first = await client.jobs({ first: 1 });
  expect(first).toMatchObject({ jobs: [{ id: other.id }], hasMore: true });
  expect(await client.jobs({ after: first.endCursor })).toMatchObject({
    jobs: [{ id: one.id }],
    hasMore: false,
  });
  expect(await client.cancel(one.id)).toMatchObject({ status: 'CANCELLED' });
  expect(await client.retry(one.id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
  await expect(client.retry(one.id)).rejects.toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
  await expect(client.start('WRITER', { brief: '' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(client.start('KNITTING', {})).rejects.toThrow('received KNITTING');
});

test('a token that cannot be fetched is asked for again', async () => {
  const projectId = unique('project');
  let asked = 0;
  const token = () => {
    asked += 1;
    if (asked === 1) throw new TypeError('fetch failed');
    return null;
  };
  const client = createClient({ url: api.url, projectId, token });
  onTestFinished(() => client.close());
  const job = await scribe.begin(projectId);
  const told = new Promise((resolve) => client.watch({ next: resolve }));
  expect(await within(told)).toMatchObject({ id: job.id });
});

test('what a server says of a wrong token is what is thrown', async () => {
  const asked: (string | null)[] = [];
  const answer = { errors: [{ message: 'The token is not valid', extensions: { code: 'UNAUTHENTICATED' } }] };
  const send: typeof fetch = async (_url, init) => {
    asked.push(new Headers(init?.headers).get('authorization'));
    return Response.json(answer, { status: 401 });
  };
  const client = createClient({ url: api.url, projectId: 'p', token: 'wrong', fetch: send });
  onTestFinished(() => client.close());
  await expect(client.jobs()).rejects.toThrow('The token is not valid');
  expect(asked).toEqual(['Bearer wrong']);
});

test('follows a job to its result, through a killed server', async () => {
  const client = openClient();
  const job = await scribe.begin(client.projectId);
  job.step('generate_videos', 0.5, 'Clip 1');
  const run = client.follow(job.id);
  const states = collect(run);
  await until(() => run.job?.message === 'Clip 1');
  await api.kill();
  job.step('render', 0.5, 'Rendering');
  await api.start();
  await until(() => run.job?.message === 'Rendering');
  await job.complete({ type: 'DataResult', answer: 42 });
  expect(await within(run.result, PATIENCE_MS, 'the result')).toMatchObject({ data: { answer: 42 } });
  const seen = await states;
  expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', progress: 1 });
  const versions = seen.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(client.connection.name).toBe('idle');
});

test('takes documents as text, parsed, and with their types', async () => {
  const client = openClient();
  const { id } = await client.start('WRITER', { brief: 'bees' });
  const text = 'query ($projectId: ID!, $id: ID!) { job(projectId: $projectId, id: $id) { id } }';
  type Typed = TypedDocument<
    { readonly job: { readonly id: string } | null },
    { projectId: string; id: string }
  >;
  const documents: readonly Typed[] = [new String(text), parse(text)];
  for (const document of documents) {
    const { job } = await client.request(document, { projectId: client.projectId, id });
    expect(job?.id).toBe(id);
  }
  const seen: string[] = [];
  const subscription = parse(
    'subscription ($projectId: ID!) { jobEvents(projectId: $projectId) { ... on Event { jobId } } }',
  );
  client.subscribe(
    subscription as TypedDocument<{ readonly jobEvents: { readonly jobId: string } }, { projectId: string }>,
    { projectId: client.projectId },
    { next: ({ data }) => void (data != null && seen.push(data.jobEvents.jobId)) },
  );
  await until(() => seen.includes(id));
});

test('a job that failed rejects the result with the job’s own error; one that is unknown, too', async () => {
  const client = openClient();
  const job = await scribe.begin(client.projectId);
  await job.fail('The disk is full', 'STORAGE_FAILED');
  await expect(client.follow(job.id).result).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: 'The disk is full',
  });
  await expect(client.follow('unknown').result).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('resumes a subscription that selects neither id nor time, and hands on what it selects', async () => {
  const client = openClient();
  const job = await scribe.begin(client.projectId);
  const seen: number[] = [];
  const query = `subscription ($project: ID!) { told: jobEvents(projectId: $project) {
    ... on Event { job { version } }
  } }`;
  client.subscribe<{ told: { job: { version: number } } }>(
    query,
    { project: client.projectId },
    {
      next: ({ data }) => {
        expect(data).toEqual({ told: { job: { version: expect.any(Number) } } });
        if (data != null) seen.push(data.told.job.version);
      },
    },
  );
  await until(() => seen.length === 1);
  const steps = ['generate_videos', 'lipsync', 'render'];
  for (const [at, step] of steps.entries()) {
    if (at === 1) await api.kill();
    job.step(step, 0.5, step);
    if (at === 1) await api.start();
    const { version } = await scribeVersion(job.id, client.projectId);
    await until(() => seen.at(-1) === version);
  }
  expect(seen).toEqual(range(seen[0] ?? 0, seen.at(-1) ?? 0));
  await job.close();
});

test.each<[string, boolean, boolean, Transport]>([
  ['lets WebSockets through', true, false, 'websocket'],
  ['refuses upgrades', false, false, 'event-stream'],
  ['refuses upgrades and keeps responses back', false, true, 'polling'],
])(
  'behind a proxy that %s, no event is missing, also where it cuts',
  async (_what, upgrades, buffers, transport) => {
    const proxy = await startProxy(api.url, { upgrades, buffers });
    const client = openClient(unique('project'), proxy.url);
    const job = await scribe.begin(client.projectId);
    const versions: number[] = [];
    client.watch({ next: ({ id, version }) => void (id === job.id && versions.push(version)) });
    await until(() => client.connection.transport === transport && versions.length > 0);
    for (let step = 1; step <= 6; step += 1) {
      if (step % 3 === 0) proxy.cut();
      job.step('generate_videos', step / 10, `Step ${step}`);
      const { version } = await scribeVersion(job.id, client.projectId);
      await until(() => versions.includes(version), { what: `version ${version} over ${transport}` });
    }
    expect(versions).toEqual(range(versions[0] ?? 0, versions.at(-1) ?? 0));
    await job.close();
  },
);

test('keeps to WebSockets through an outage that is longer than several tries', async () => {
  const away = await startProxy(api.url, { upgrades: true, buffers: false });
  const client = openClient(unique('project'), away.url);
  const job = await scribe.begin(client.projectId);
  const messages: (string | null)[] = [];
  const seen = new Set<Transport>();
  client.onConnection(({ transport }) => seen.add(transport));
  client.watch({ next: ({ message }) => messages.push(message) });
  await until(() => client.connection.name === 'live' && messages.length > 0);
  away.manners.isAway = true;
  away.cut();
  const before = away.refused;
  await until(() => away.refused > before + 5);
  away.manners.isAway = false;
  job.step('generate_videos', 0.5, 'Back');
  await until(() => messages.includes('Back'));
  expect([...seen]).toEqual(['websocket']);
  await job.close();
});

test('takes WebSockets again when they are let through', async () => {
  const proxy = await startProxy(api.url, { upgrades: false, buffers: false });
  const projectId = unique('project');
  const job = await scribe.begin(projectId);
  const seen = new Set<Transport>();
  const client = createClient({ url: proxy.url, projectId, retryWebSocketMs: 1_500 });
  onTestFinished(() => client.close());
  client.onConnection(({ transport }) => seen.add(transport));
  const messages: (string | null)[] = [];
  client.watch({ next: ({ message }) => messages.push(message) });
  await until(() => seen.has('event-stream') && messages.length > 0);
  proxy.manners.upgrades = true;
  await until(
    () =>
      proxy.upgraded > 0 && client.connection.name === 'live' && client.connection.transport === 'websocket',
  );
  job.step('generate_videos', 0.5, 'By socket');
  await until(() => messages.includes('By socket'));
  await job.close();
});

/** The job's version once what was reported is written. */
async function scribeVersion(id: string, projectId: string): Promise<{ readonly version: number }> {
  const key = scribe.keys.project(projectId).job(id);
  let before = -1;
  return until(async () => {
    const version = Number(await redis.hget(key, 'version'));
    const isSettled = version === before;
    before = version;
    return isSettled ? { version } : undefined;
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
