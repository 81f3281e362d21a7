/** A token of one job: that job, its events and its files, by every way there is, and nothing else. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { SetClock } from '../setup/harness.ts';
import { RawClient } from './raw-client.ts';
import { type Answer, answerOf, fieldOf, type SecuredServer, startSecured } from './secured-server.ts';

const DAY_SECONDS = 86_400;
const MAKE =
  'mutation ($jobId: ID, $lifetimeSeconds: Int, $scope: Scope) { createViewerToken(projectId: "a", jobId: $jobId, lifetimeSeconds: $lifetimeSeconds, scope: $scope) { token expiresAt } }';
/** What of a job leads to other jobs, and what does not. */
const JOB =
  'id version status parent { id message } items { id message } history(first: 5) { edges { node { ... on Event { jobId } } } }';
const FOLLOW = `subscription ($jobId: ID) { jobEvents(projectId: "a", jobId: $jobId) { ... on Event { jobId job { ${JOB} } } } }`;
const EVENT_STREAM = { accept: 'text/event-stream' };

const clock = new SetClock(1_800_000_000_000);
let dataDir: string;
let secured: SecuredServer;
let writer: string;
/** A batch, its first item, and a job of its own. */
let batch: string;
let item: string;
let other: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'playhead-job-token-'));
  secured = await startSecured({
    ...{ keep: true, clock },
    env: { PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' },
  });
  writer = await secured.key({ scope: 'write' });
  const made = await secured.post(
    `mutation {
      writeScript(input: { projectId: "a", brief: "Rain." }) { id }
      generateAudioBatch(input: { projectId: "a", items: [{ text: "One." }, { text: "Two." }] }) { id items { id } }
    }`,
    { credential: writer },
  );
  const { data } = await answerOf(made);
  const { writeScript, generateAudioBatch } = data as {
    readonly writeScript: { readonly id: string };
    readonly generateAudioBatch: { readonly id: string; readonly items: readonly { readonly id: string }[] };
  };
  other = writeScript.id;
  batch = generateAudioBatch.id;
  item = generateAudioBatch.items[0]?.id ?? '';
  for (const id of [item, other]) {
    await mkdir(join(dataDir, 'artifacts/a', id), { recursive: true });
    await writeFile(join(dataDir, 'artifacts/a', id, 'speech.wav'), '0123456789');
  }
});
afterAll(async () => {
  await secured.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function share(jobId: string, lifetimeSeconds?: number): Promise<string> {
  const response = await secured.post(MAKE, { credential: writer, variables: { jobId, lifetimeSeconds } });
  return (await fieldOf<{ token: string }>(response, 'createViewerToken')).token;
}

async function refusalOf(response: Response): Promise<string | undefined> {
  const isStream = response.headers.get('content-type')?.includes('event-stream');
  const [answer] = isStream ? await readStream(response, 1) : [await answerOf(response)];
  return answer?.errors?.[0]?.extensions.code;
}

/** The results of an event stream, up to its `complete` or so many. */
async function readStream(response: Response, count = Number.POSITIVE_INFINITY): Promise<readonly Answer[]> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const found = (): readonly Answer[] =>
    [...text.matchAll(/^event: next\ndata: (.*)\n/gm)].map(([, data = '']) => JSON.parse(data) as Answer);
  while (found().length < count && !text.includes('event: complete')) {
    const { value, done } = await within(reader.read(), PATIENCE_MS, `results behind ${text}`);
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return found();
}

async function openSocket(credential: string, jobId: string | null): Promise<RawClient> {
  const socket = await RawClient.open(secured.url);
  socket.init(credential);
  await socket.until('connection_ack');
  socket.send({ id: '1', type: 'subscribe', payload: { query: FOLLOW, variables: { jobId } } });
  return socket;
}

describe('it reads its job', () => {
  test.each([
    ['an item, without its batch', () => item],
    ['a batch, without its items', () => batch],
  ])('%s, by a query, an event stream, a short request and a WebSocket', async (_what, idOf) => {
    const id = idOf();
    const credential = await share(id);
    const history = { edges: [{ node: { jobId: id } }] };
    const job = { id, version: 1, status: 'QUEUED', parent: null, items: [], history };
    const asked = await secured.post(`query ($id: ID!) { job(projectId: "a", id: $id) { ${JOB} } }`, {
      ...{ credential, variables: { id } },
    });
    expect(await answerOf(asked)).toEqual({ data: { job } });
    const event = { data: { jobEvents: { jobId: id, job } } };
    for (const headers of [EVENT_STREAM, { ...EVENT_STREAM, prefer: 'wait=30' }]) {
      const stream = await secured.post(FOLLOW, { credential, headers, variables: { jobId: id } });
      expect(await readStream(stream, 1)).toEqual([event]);
    }
    const socket = await openSocket(credential, id);
    expect(await socket.until('next')).toMatchObject({ payload: event });
  });

  test('and says which one it is', async () => {
    const asked = await secured.post('{ viewer { jobId projects scope } }', {
      credential: await share(item),
    });
    expect(await fieldOf(asked, 'viewer')).toEqual({ jobId: item, projects: ['a'], scope: 'READ' });
  });

  test('with its files, in ranges too, and nobody else’s', async () => {
    const authorization = `Bearer ${await share(item)}`;
    const get = (id: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${secured.url}/files/a/${id}/speech.wav`, { headers: { authorization, ...headers } });
    expect(await (await get(item)).text()).toBe('0123456789');
    const range = await get(item, { range: 'bytes=2-4' });
    expect([range.status, await range.text()]).toEqual([206, '234']);
    const answers = await Promise.all(
      [other, 'nobody'].map(async (id) => {
        const answer = await get(id, { range: 'bytes=2-4' });
        return [answer.status, (await answer.text()).replaceAll(id, 'ID')];
      }),
    );
    // Whether it exists can't be told.
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(404);
  });
});

test('a subscriber of the whole project, asking the same, sees what the token does not', async () => {
  const all = await openSocket(writer, item);
  const one = await openSocket(await share(item), item);
  expect(await all.until('next')).toMatchObject({
    payload: { data: { jobEvents: { job: { parent: { id: batch } } } } },
  });
  const { payload } = await one.until('next');
  expect(payload).toMatchObject({ data: { jobEvents: { job: { id: item, parent: null } } } });
  expect(payload).not.toHaveProperty('errors');
});

describe('it reads nothing else', () => {
  test.each([
    ['jobs(projectId: "a") { edges { node { id } } }', 'FORBIDDEN'],
    ['jobs(projectId: "a", search: "rain") { edges { node { id } } }', 'FORBIDDEN'],
    ['jobCounts(projectId: "a") { count }', 'FORBIDDEN'],
    ['webhooks(projectId: "a") { id }', 'FORBIDDEN'],
    ['jobs(projectId: "b") { edges { node { id } } }', 'NOT_FOUND'],
    ['job(projectId: "b", id: "x") { id }', 'NOT_FOUND'],
  ])('{ %s }: %s', async (field, code) => {
    const response = await secured.post(`{ ${field} }`, { credential: await share(item) });
    expect(await refusalOf(response)).toBe(code);
  });

  test('another job is unknown to it, whether it exists or not', async () => {
    const credential = await share(item);
    const query = 'query ($id: ID!) { job(projectId: "a", id: $id) { id } }';
    const ask = async (id: string) => (await secured.post(query, { credential, variables: { id } })).json();
    for (const id of [other, batch, 'nobody']) expect(await ask(id)).toEqual({ data: { job: null } });
  });

  test.each([
    ['of another job', () => other, 'NOT_FOUND'],
    ['of its batch', () => batch, 'NOT_FOUND'],
    ['of the project', () => null, 'FORBIDDEN'],
  ])('no events %s', async (_what, idOf, code) => {
    const credential = await share(item);
    const variables = { jobId: idOf() };
    for (const headers of [EVENT_STREAM, { ...EVENT_STREAM, prefer: 'wait=1' }]) {
      expect(await refusalOf(await secured.post(FOLLOW, { credential, headers, variables }))).toBe(code);
    }
    const socket = await openSocket(credential, idOf());
    expect(await socket.until('error')).toMatchObject({ payload: [{ extensions: { code } }] });
  });

  test.each([
    'cancelJob(projectId: "a", id: "ID") { id }',
    'retryJob(projectId: "a", id: "ID") { id }',
    'createViewerToken(projectId: "a", jobId: "ID") { token }',
    'trackJob(input: { projectId: "a", taskName: "x" }) { lease }',
  ])('mutation { %s } is refused', async (field) => {
    const response = await secured.post(`mutation { ${field.replace('ID', item)} }`, {
      credential: await share(item),
    });
    expect(await refusalOf(response)).toBe('FORBIDDEN');
  });
});

describe('its lifetime', () => {
  const ask = async (variables: Record<string, unknown>): Promise<Answer> =>
    answerOf(await secured.post(MAKE, { credential: writer, variables }));

  test.each([
    ['of a project', 60, 60],
    ['of a project', 900, 900],
    ['of a project', undefined, 900],
    ['of a job', undefined, 900],
    ['of a job', 7 * DAY_SECONDS, 7 * DAY_SECONDS],
    ['of a job', 30 * DAY_SECONDS, 30 * DAY_SECONDS],
  ])('one %s that is asked for %j seconds counts for %d', async (what, lifetimeSeconds, seconds) => {
    const { data } = await ask({ lifetimeSeconds, jobId: what === 'of a job' ? item : undefined });
    const expiresAt = new Date(clock.now() + seconds * 1_000).toISOString();
    expect(data).toMatchObject({ createViewerToken: { expiresAt } });
  });

  test.each([
    [{ lifetimeSeconds: 59 }, 'BAD_USER_INPUT'],
    [{ lifetimeSeconds: 901 }, 'BAD_USER_INPUT'],
    [{ job: true, lifetimeSeconds: 59 }, 'BAD_USER_INPUT'],
    [{ job: true, lifetimeSeconds: 30 * DAY_SECONDS + 1 }, 'BAD_USER_INPUT'],
    [{ job: true, scope: 'REPORT' }, 'BAD_USER_INPUT'],
    [{ jobId: 'nobody' }, 'NOT_FOUND'],
    [{ jobId: '' }, 'NOT_FOUND'],
  ])('%j: %s', async ({ job = false, ...asked }: { job?: boolean } & Record<string, unknown>, code) => {
    const { errors } = await ask({ ...(job && { jobId: item }), ...asked });
    expect(errors?.[0]?.extensions.code).toBe(code);
  });

  test('over, it ends what it began, and opens nothing any more', async () => {
    const credential = await share(item, 60);
    const socket = await openSocket(credential, item);
    await socket.until('next');
    const stream = await secured.post(FOLLOW, {
      ...{ credential, headers: EVENT_STREAM, variables: { jobId: item } },
    });
    expect(stream.status).toBe(200);
    clock.time += 60_000;
    const [code] = await Promise.all([
      socket.ended(),
      within(
        stream.text().catch(() => {}),
        PATIENCE_MS,
        'the event stream',
      ),
    ]);
    expect(code).toBe(4403);
    const file = await fetch(`${secured.url}/files/a/${item}/speech.wav`, {
      headers: { authorization: `Bearer ${credential}` },
    });
    expect(file.status).toBe(401);
    expect((await secured.post('{ viewer { scope } }', { credential })).status).toBe(401);
  });
});
