/** `npm start` as a user has it: real processes, a private Redis, a real video, SIGTERM and a second start. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { readyMessage } from '../setup/processes.ts';

const SCRIPT = '## Short\nMIRA: Hello there.\nTHEO: Hi!';
const WATCH = `subscription ($projectId: ID!, $jobId: ID, $after: ID) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
    __typename
    ... on Event { id attempt }
    ... on ProgressEvent { status progress step message metadata }
    ... on ErrorEvent { code willRetry }
    ... on CompletionEvent { result { ... on VideoResult { totalDuration video { url path contentType sizeBytes } } } }
  }
}`;
const GENERATE = `mutation ($input: GenerateVideoInput!) { generateVideo(input: $input) { id status lastEventId } }`;
const SNAPSHOT = `query ($id: ID!) {
  job(projectId: "stack", id: $id) { status attempt progress steps { name status } result { __typename } }
}`;

interface Seen {
  readonly __typename: string;
  readonly id: string;
  readonly attempt: number;
  readonly status?: string;
  readonly progress?: number;
  readonly step?: string | null;
  readonly message?: string;
  readonly result?: {
    readonly totalDuration: number;
    readonly video: { readonly url: string; readonly sizeBytes: number };
  };
}

class Stack {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  url = '';
  constructor(dataDir: string) {
    this.child = fork(new URL('../../src/start.ts', import.meta.url), {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        PLAYHEAD_DATA_DIR: dataDir,
        PLAYHEAD_DRAIN_SECONDS: '0',
        PLAYHEAD_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
  }
  async ready(): Promise<this> {
    const ready = readyMessage<{ url: string }>(this.child, 'npm start');
    this.url = (await within(ready, PATIENCE_MS, 'npm start')).url;
    return this;
  }
  async post<T>(query: string, variables: object): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  }
  client(): Client {
    return createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
  }
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return within(this.exited, PATIENCE_MS, 'SIGTERM');
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-stack-'));
let stack: Stack;
beforeAll(async () => {
  stack = await new Stack(dataDir).ready();
});
afterAll(async () => {
  if (stack.child.exitCode === null) await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function watch(
  client: Client,
  variables: Record<string, unknown>,
  isEnough: (event: Seen) => boolean,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { data, errors } of client.iterate({ query: WATCH, variables })) {
    expect(errors).toBeUndefined();
    const event = (data as { jobEvents: Seen }).jobEvents;
    seen.push(event);
    if (isEnough(event)) break;
  }
  return seen;
}

test('a script becomes a video, its progress streams, and the file is served with ranges', async () => {
  const { generateVideo } = await stack.post<{
    generateVideo: { id: string; status: string; lastEventId: string };
  }>(GENERATE, {
    input: { projectId: 'stack', script: SCRIPT },
  });
  expect(generateVideo.status).toBe('QUEUED');
  const client = stack.client();
  const seen = await watch(
    client,
    { projectId: 'stack', jobId: generateVideo.id, after: generateVideo.lastEventId },
    () => false,
  );
  await client.dispose();

  const progress = seen.filter((event) => event.__typename === 'ProgressEvent');
  expect(progress.map((event) => event.progress)).toEqual(
    progress.map((event) => event.progress).toSorted((a, b) => Number(a) - Number(b)),
  );
  expect([...new Set(progress.map((event) => event.step))].filter(Boolean)).toEqual([
    'start',
    'load_character',
    'parse_script',
    'generate_videos',
    'lipsync',
    'subtitles',
    'render',
    'complete',
  ]);
  const video = seen.at(-1)?.result?.video;
  expect(seen.at(-1)?.__typename).toBe('CompletionEvent');
  expect(video).toMatchObject({ contentType: 'video/mp4' });

  const part = await fetch(String(video?.url), { headers: { range: 'bytes=4-7' } });
  expect([part.status, part.headers.get('content-type'), await part.text()]).toEqual([
    206,
    'video/mp4',
    'ftyp',
  ]);
  for (const path of [
    '/files/../start.ts',
    '/files/stack/%2e%2e/%2e%2e/redis/instance.json',
    '/files/stack/x/steps/a.json',
    '/files/',
  ]) {
    expect((await fetch(`${stack.url}${path}`)).status, path).toBe(404);
  }
});

test('SIGTERM hands a running job back, nothing is left running, and a second start goes on with it', async () => {
  const long = Array.from(
    { length: 12 },
    (_, index) => `MIRA: This is line number ${index + 1} of a longer story.`,
  ).join('\n');
  const { generateVideo } = await stack.post<{ generateVideo: { id: string } }>(GENERATE, {
    input: { projectId: 'stack', script: long },
  });
  const variables = { projectId: 'stack', jobId: generateVideo.id };
  const client = stack.client();
  const before = await watch(client, variables, (event) => event.step === 'generate_videos');
  await client.dispose();
  const redisPid = (
    JSON.parse(readFileSync(join(dataDir, 'redis', 'instance.json'), 'utf8')) as { pid: number }
  ).pid;

  expect(await stack.stop()).toBe(0);
  expect(() => process.kill(redisPid, 0)).toThrow('ESRCH');
  expect(readdirSync(join(dataDir, 'scratch'))).toEqual([]);

  stack = await new Stack(dataDir).ready();
  const again = stack.client();
  const rest = await watch(again, { ...variables, after: before.at(-1)?.id }, () => false);
  await again.dispose();
  expect(rest.some((event) => event.attempt === 2 && event.status === 'retrying')).toBe(true);
  expect(
    rest
      .filter((event) => event.attempt === 2 && event.message?.endsWith('(done earlier)'))
      .map((event) => event.step),
  ).toContain('parse_script');
  expect(rest.at(-1)?.__typename).toBe('CompletionEvent');
  const { job } = await stack.post<{ job: object }>(SNAPSHOT, { id: generateVideo.id });
  expect(job).toMatchObject({
    status: 'COMPLETED',
    attempt: 2,
    progress: 1,
    result: { __typename: 'VideoResult' },
  });
});

test('readiness and health answer', async () => {
  const ready = await until(async () => {
    const answer = await fetch(`${stack.url}/readyz`);
    return answer.ok && ((await answer.json()) as object);
  });
  expect(ready).toEqual({ status: 'ready' });
  expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
});
