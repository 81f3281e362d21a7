/**
 * `npm run demo`: starts what `npm start` starts, sends examples/script.txt through generateVideo, shows a live bar per
 * step from the subscription, prints where the video is, and ends. `npm run demo -- --all` runs one job of each workflow
 * and a batch of three.
 */
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { childEnvironment, readConfig } from './config.ts';
import { type DemoJob, describeResult, runBatch, runJob } from './demo-jobs.ts';

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
    const show = { client, dataDir: config.dataDir };
    await demonstrate(show, { mutation: 'generateVideo', workflow: 'DIRECTOR', input: { script } });
    if (process.argv.includes('--all')) await demonstrateRest(show);
  } finally {
    await client.dispose();
    await stack.close();
  }
}

interface Show {
  readonly client: Client;
  readonly dataDir: string;
}

/** Runs a job with its bars and says what came of it. @returns the job's id */
async function demonstrate({ client, dataDir }: Show, job: DemoJob): Promise<string> {
  const startedAt = performance.now();
  const { id, result } = await runJob(client, job);
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`\nDone in ${seconds.toFixed(1)} s: ${describeResult(result, dataDir)}\n`);
  return id;
}

async function demonstrateRest(show: Show): Promise<void> {
  const audio = await demonstrate(show, {
    mutation: 'generateAudio',
    workflow: 'AUDIO',
    input: { text: 'On the 3rd of May we sold 12 tickets for $48. Dr. Lee was 20% happier than before.' },
  });
  await demonstrate(show, { mutation: 'syncLips', workflow: 'LIPSYNC', input: { audioJobId: audio } });
  await demonstrate(show, {
    mutation: 'writeScript',
    workflow: 'WRITER',
    input: { brief: BRIEF, scenes: 2 },
  });
  const startedAt = performance.now();
  const texts = ['The first of three.', 'The second one says a little more.', 'And this is the third.'];
  const { result } = await runBatch(show.client, {
    mutation: 'generateAudioBatch',
    items: texts.map((text) => ({ text })),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`\nDone in ${seconds.toFixed(1)} s: ${describeResult(result, show.dataDir)}\n`);
}

const BRIEF = `Volcanoes are openings in the crust of a planet. Hot lava, ash and gases escape through them from a chamber
below. Most volcanoes on Earth are found where tectonic plates meet. Ash can be a threat to aircraft, because it melts
inside jet engines. Large eruptions can affect the climate, as ash and droplets obscure the Sun. About 50 volcanoes erupt
each year. Scientists watch them with satellites and seismometers.`;

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
