/** An API process and a worker as they are deployed, each with its own environment and data. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { readyMessage } from '../setup/processes.ts';

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

export interface Deployed {
  readonly url: string;
  post<T>(query: string, variables?: object): Promise<T>;
  /** Waits until the job has ended. @returns its status */
  ended(jobId: string): Promise<string>;
  /** Waits until the worker has logged a line with the text. */
  workerSays(text: string): Promise<unknown>;
  /** SIGTERM to both. */
  end(): Promise<readonly Ended[]>;
}

/** @param ofWorker more for the worker, over the others */
export async function deploy(
  env: Record<string, string>,
  ofWorker: Record<string, string> = {},
): Promise<Deployed> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-observe-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const shared = {
    PATH: process.env['PATH'] ?? '',
    PORT: '0',
    REDIS_URL: inject('redisUrl'),
    PLAYHEAD_PREFIX: unique('observe'),
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_DRAIN_SECONDS: '0',
    ...env,
  };
  const [api, worker] = await Promise.all([
    start('server', shared),
    start('worker', { ...shared, ...ofWorker }),
  ]);
  const post = async <T>(query: string, variables: object = {}): Promise<T> => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  return {
    url: api.url,
    post,
    ended: (id) =>
      until(
        async () => {
          const query = 'query ($id: ID!) { job(projectId: "p", id: $id) { status } }';
          const { status } = (await post<{ job: { status: string } }>(query, { id })).job;
          return ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status) && status;
        },
        { everyMs: 50, what: 'the end of the job' },
      ),
    workerSays: (text) => until(() => worker.log().includes(text), { what: text }),
    end: () => Promise.all([worker.end(), api.end()]),
  };
}

async function start(root: 'server' | 'worker', env: Record<string, string>) {
  const child = fork(new URL(`../../src/${root}.ts`, import.meta.url), {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(() => killed(child, exited));
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ready = readyMessage<{ url?: string }>(child, root);
  const { url = '' } = await within(ready, PATIENCE_MS, `${root} to be ready`);
  return {
    url,
    log: () => text,
    end: async (): Promise<Ended> => {
      child.kill('SIGTERM');
      const code = await within(exited, PATIENCE_MS, `${root} to end`);
      return { code, lines: text.split('\n').filter((line) => line !== '') };
    },
  };
}

async function killed(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}
