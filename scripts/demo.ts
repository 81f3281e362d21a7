/**
 * `npm run demo`: starts what `npm start` starts, makes a video of examples/script.txt, shows a live bar per step from the
 * subscription, and prints where the video is. On a terminal it then keeps running until Ctrl-C, so that the dashboard can be
 * viewed; `-- --exit` ends it immediately. `-- --all` runs one job of each workflow and a batch.
 *
 * It is a client like any other: it uses parts of the command line over the public API.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Api } from '../cli/api.ts';
import { BarView } from '../cli/bar-view.ts';
import { Failure } from '../cli/failure.ts';
import { LineView } from '../cli/line-view.ts';
import type { WholeJob } from '../cli/operations.ts';
import { exitCodeOf, outcomeLines } from '../cli/outcome.ts';
import { type Input, startJob } from '../cli/start.ts';
import { watchJob } from '../cli/watch.ts';
import { loadWorkflows } from '../cli/workflows.ts';
import { watchForEnd } from '../src/core/lifecycle.ts';
import { childEnvironment } from '../src/settings/config.ts';
import { loadProject } from '../src/workflow/project.ts';

const PROJECT = 'demo';
const SPEECH = 'On the 3rd of May we sold 12 tickets for $48. Dr. Lee was 20% happier than before.';
const BRIEF = `Volcanoes are openings in the crust of a planet. Hot lava, ash and gases escape through them from a chamber
below. Most volcanoes on Earth are found where tectonic plates meet. Ash can be a threat to aircraft, because it melts
inside jet engines. Large eruptions can affect the climate, as ash and droplets obscure the Sun. About 50 volcanoes erupt
each year. Scientists watch them with satellites and seismometers.`;
const BATCH = ['MIRA: One of three.', 'THEO: Two of three.', 'MIRA: And that makes three.'];

/** One of the demo's jobs. */
interface Piece {
  readonly title: string;
  readonly workflow: string;
  /** Its inputs, several for a batch; null if a prerequisite is missing. */
  readonly inputs: (done: readonly WholeJob[]) => Promise<readonly Input[] | null>;
}

const VIDEO: Piece = {
  title: 'A video from examples/script.txt',
  workflow: 'DIRECTOR',
  inputs: async () => [
    { script: await readFile(new URL('../examples/script.txt', import.meta.url), 'utf8') },
  ],
};

const ALL: readonly Piece[] = [
  { title: 'A script from a brief', workflow: 'WRITER', inputs: async () => [{ brief: BRIEF }] },
  { title: 'Verified speech', workflow: 'AUDIO', inputs: async () => [{ text: SPEECH }] },
  {
    title: 'A talking head for that speech',
    workflow: 'LIPSYNC',
    inputs: async (done) => {
      const speech = done.find((job) => job.workflow === 'AUDIO' && job.status === 'COMPLETED');
      return speech === undefined ? null : [{ audioJobId: speech.id }];
    },
  },
  {
    title: 'A batch of three videos',
    workflow: 'DIRECTOR',
    inputs: async () => BATCH.map((script) => ({ script })),
  },
  VIDEO,
];

type Outcome = 'done' | 'failed' | 'unavailable' | 'interrupted';

async function main(): Promise<number> {
  // Anything that ends the demo early also ends what it started: Ctrl-C, a kill, and a closed pipe (`| head`).
  const unread = new AbortController();
  process.stdout.on('error', () => unread.abort());
  const leaving = AbortSignal.any([watchForEnd(), unread.signal]);
  const { values } = parseArgs({
    options: { all: { type: 'boolean', default: false }, exit: { type: 'boolean', default: false } },
  });
  const { config } = await loadProject();
  process.stdout.write('Starting Redis, the API and a worker …\n');
  const stack = await startStack((await isFree(config.host, config.port)) ? config.port : 0, leaving);
  if (stack === null) return 130;
  const demo = new Demo(new Api(stack.url), join(config.dataDir, 'artifacts'), leaving);
  try {
    const outcomes: Outcome[] = [];
    for (const piece of values.all ? ALL : [VIDEO]) {
      if (values.all) process.stdout.write(`\n── ${piece.title}\n`);
      outcomes.push(await demo.run(piece));
      if (leaving.aborted) return 130;
    }
    if (process.stdin.isTTY && process.stdout.isTTY && !values.exit) await stay(stack.url, leaving);
    else process.stdout.write('\nThe links work while the server runs: npm start\n');
    return outcomes.includes('failed') ? 1 : 0;
  } finally {
    await stack.close();
  }
}

/** Keeps everything running for a user at the terminal. */
async function stay(url: string, leaving: AbortSignal): Promise<void> {
  process.stdout.write(`\nThe dashboard: ${url}/p/${PROJECT}\nCtrl-C ends the demo.\n`);
  if (!leaving.aborted) await once(leaving, 'abort');
}

class Demo {
  readonly #api: Api;
  readonly #artifacts: string;
  readonly #signal: AbortSignal;
  readonly #done: WholeJob[] = [];

  constructor(api: Api, artifacts: string, signal: AbortSignal) {
    this.#api = api;
    this.#artifacts = artifacts;
    this.#signal = signal;
  }

  /** Runs one job to its end. Anything that this server cannot do is reported, and is not a failure. */
  async run(piece: Piece): Promise<Outcome> {
    try {
      const inputs = await piece.inputs(this.#done);
      if (inputs === null) return unavailable('it needs the speech');
      const workflow = (await loadWorkflows(this.#api)).find((one) => one.workflow === piece.workflow);
      if (workflow === undefined) return unavailable(`it has no workflow ${piece.workflow}`);
      const id = await startJob(this.#api, workflow, { projectId: PROJECT, inputs });
      process.stdout.write(`Job ${id}\n\n`);
      const job = await this.#watch(id);
      return job === null ? 'interrupted' : this.#report(job);
    } catch (error) {
      if (error instanceof Failure && isUnavailable(error.code, error.message))
        return unavailable(error.message);
      process.stderr.write(`Failed: ${error instanceof Error ? error.message : String(error)}\n`);
      return 'failed';
    }
  }

  #watch(id: string): Promise<WholeJob | null> {
    const write = (line: string): void => void process.stdout.write(`${line}\n`);
    const view = process.stdout.isTTY ? new BarView() : new LineView({ out: write, note: write });
    return watchJob({ api: this.#api, projectId: PROJECT, id, view, signal: this.#signal });
  }

  #report(job: WholeJob): Outcome {
    if (job.error !== null && isUnavailable(job.error.code, job.error.message)) {
      return unavailable(job.error.message);
    }
    this.#done.push(job);
    process.stdout.write(
      `\n${outcomeLines(job, { api: this.#api, command: 'npm run playhead --', options: ` --project ${PROJECT}` }).join('\n')}\n`,
    );
    const [main] = job.result?.artifacts ?? [];
    if (main !== undefined) process.stdout.write(`  File      ${join(this.#artifacts, main.path)}\n`);
    return exitCodeOf(job) === 0 ? 'done' : 'failed';
  }
}

function unavailable(reason: string): Outcome {
  process.stdout.write(`Not available on this server: ${reason}\n`);
  return 'unavailable';
}

/** A program that is not installed, or a workflow that this server does not run. */
function isUnavailable(code: string, message: string): boolean {
  return code === 'TOOL_MISSING' || message.includes('expected a workflow that this server runs');
}

/** The printed link should also work under a later `npm start`, so that port is used if it is free. */
async function isFree(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

interface Stack {
  readonly url: string;
  close(): Promise<void>;
}

/** Runs start.ts as `npm start` does, with quiet logs. @returns null if the signal ended it before it was ready */
async function startStack(port: number, leaving: AbortSignal): Promise<Stack | null> {
  const child = fork(new URL('../src/start.ts', import.meta.url), {
    env: childEnvironment({ PLAYHEAD_LOG_LEVEL: 'warn' }, { PORT: String(port) }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const ready = new Promise<string>((resolve) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
  });
  const left = new Promise<null>((resolve) => {
    leaving.addEventListener('abort', () => resolve(null), { once: true });
    if (leaving.aborted) resolve(null);
  });
  const first = await Promise.race([ready, left, exited.then((how) => ({ how }))]);
  if (typeof first === 'string') return { url: first, close };
  await close();
  if (leaving.aborted) return null;
  throw new Error(`the server ended (${first?.how})`);
}

main().then(
  // Do not leave it to the event loop, which signal watchers may keep alive.
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
