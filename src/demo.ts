/**
 * `npm run demo`: starts what `npm start` starts, sends examples/script.txt through generateVideo, shows a live bar per
 * step from the subscription, prints where the video is, and ends.
 */
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { MultiBar, type SingleBar } from 'cli-progress';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { childEnvironment, readConfig } from './config.ts';
import { STEP_TABLES, type StepRange } from './progress/steps.ts';

const PROJECT = 'demo';

const GENERATE = /* GraphQL */ `
  mutation Demo($input: GenerateVideoInput!) {
    generateVideo(input: $input) {
      id
    }
  }
`;

const WATCH = /* GraphQL */ `
  subscription Demo($projectId: ID!, $jobId: ID!) {
    jobEvents(projectId: $projectId, jobId: $jobId) {
      __typename
      ... on ProgressEvent {
        progress
        step
        message
      }
      ... on ErrorEvent {
        error
        code
        willRetry
      }
      ... on CompletionEvent {
        result {
          ... on VideoResult {
            totalDuration
            clips
            video {
              path
              url
              sizeBytes
            }
          }
        }
      }
    }
  }
`;

const generated = z.object({ generateVideo: z.object({ id: z.string() }) });
const progressEvent = z.object({
  __typename: z.literal('ProgressEvent'),
  progress: z.number(),
  step: z.string().nullable(),
  message: z.string(),
});
const errorEvent = z.object({
  __typename: z.literal('ErrorEvent'),
  error: z.string(),
  code: z.string(),
  willRetry: z.boolean(),
});
const completionEvent = z.object({
  __typename: z.literal('CompletionEvent'),
  result: z.object({
    totalDuration: z.number(),
    clips: z.number(),
    video: z.object({ path: z.string(), url: z.string(), sizeBytes: z.number() }),
  }),
});
const watched = z.object({
  jobEvents: z.discriminatedUnion('__typename', [progressEvent, errorEvent, completionEvent]),
});
type Progress = z.infer<typeof progressEvent>;
type Completion = z.infer<typeof completionEvent>;

async function main(): Promise<void> {
  const config = readConfig();
  const script = await readFile(new URL('../examples/script.txt', import.meta.url), 'utf8');
  process.stdout.write('Starting Redis, the API and a worker …\n');
  const stack = await startStack((await isFree(config.host, config.port)) ? config.port : 0);
  const client = createClient({
    url: `${stack.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 10,
  });
  try {
    const startedAt = performance.now();
    const completion = await makeVideo(client, script);
    const seconds = (performance.now() - startedAt) / 1000;
    const { totalDuration, clips, video } = completion.result;
    process.stdout.write(
      `\nDone in ${seconds.toFixed(1)} s: a video of ${totalDuration.toFixed(1)} s in ${clips} clips, ` +
        `${(video.sizeBytes / 1e6).toFixed(1)} MB\n` +
        `  File  ${join(config.dataDir, 'artifacts', video.path)}\n` +
        `  URL   ${video.url}  (while the server runs: npm start)\n`,
    );
  } finally {
    await client.dispose();
    await stack.close();
  }
}

async function makeVideo(client: Client, script: string): Promise<Completion> {
  const { id } = generated.parse(
    await once(client, GENERATE, { input: { projectId: PROJECT, script } }),
  ).generateVideo;
  process.stdout.write(`Job ${id}\n\n`);
  const view = process.stdout.isTTY ? new BarView(STEP_TABLES.DIRECTOR.steps) : new LineView();
  try {
    for await (const { data, errors } of client.iterate({
      query: WATCH,
      variables: { projectId: PROJECT, jobId: id },
    })) {
      if (errors !== undefined) throw new Error(errors.map((error) => error.message).join('; '));
      const event = watched.parse(data).jobEvents;
      if (event.__typename === 'CompletionEvent') return event;
      if (event.__typename === 'ProgressEvent') view.show(event);
      else if (!event.willRetry) throw new Error(`${event.code}: ${event.error}`);
    }
  } finally {
    view.close();
  }
  throw new Error('The stream ended before the job did');
}

async function once(client: Client, query: string, variables: Record<string, unknown>): Promise<unknown> {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors !== undefined) throw new Error(errors.map((error) => error.message).join('; '));
    return data;
  }
  throw new Error('No answer');
}

/** A bar per step, for terminals. */
class BarView {
  readonly #steps: readonly StepRange[];
  readonly #bars: MultiBar;
  readonly #byStep = new Map<string, SingleBar>();

  constructor(steps: readonly StepRange[]) {
    this.#steps = steps;
    this.#bars = new MultiBar({
      format: '  {step} {bar} {percentage}%  {message}',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      autopadding: true,
      linewrap: false,
    });
    for (const { name } of steps) {
      this.#byStep.set(name, this.#bars.create(100, 0, { step: name.padEnd(16), message: '' }));
    }
  }

  show({ progress, step, message }: Progress): void {
    const current = this.#steps.findIndex(({ name }) => name === step);
    for (const [index, { name, from, to }] of this.#steps.entries()) {
      if (index > current) break;
      const within = index < current || to === from ? 1 : (progress - from) / (to - from);
      const bar = this.#byStep.get(name);
      if (index === current) bar?.update(Math.floor(within * 100), { message });
      else bar?.update(100);
    }
  }

  close(): void {
    this.#bars.stop();
  }
}

/** A line for each change worth one, for pipes and logs. */
class LineView {
  #step: string | null = null;
  #percent = -10;

  show({ progress, step, message }: Progress): void {
    const percent = Math.floor(progress * 100);
    if (step === this.#step && percent < this.#percent + 10) return;
    this.#step = step;
    this.#percent = percent;
    process.stdout.write(`${String(percent).padStart(3)} %  ${(step ?? 'queued').padEnd(16)}  ${message}\n`);
  }

  close(): void {}
}

/** The link that is printed should also be right under a later `npm start`, so its port is used where it is free. */
async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

/** Runs start.ts as `npm start` does, with quiet logs. */
async function startStack(port: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const child = fork(new URL('./start.ts', import.meta.url), {
    env: childEnvironment({ PLAYHEAD_LOG_LEVEL: 'warn' }, { PORT: String(port) }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    void exited.then((code) => reject(new Error(`the server ended with code ${code}`)));
  });
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
