/**
 * Two worker machines and an API machine, each with a data folder of its own, that share Redis and object storage only: what
 * one machine began another ends, and the API serves what it never had.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { startObjectStorage } from '../setup/object-storage.ts';
import { readyMessage } from '../setup/processes.ts';

/** So long that there is time to see its film being made, and to end that. */
const SCRIPT = `## Short\n${'MIRA: Hello there, and good morning.\n'.repeat(6)}\n## Two\nTHEO: Hi! How are you?`;
const JOB = `query ($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    status attempt step error { code message }
    steps { name status }
    result {
      ... on VideoResult { video { url sizeBytes } }
      ... on AudioResult { audio { url sizeBytes } }
      ... on LipsyncResult { video { url sizeBytes } }
    }
  }
}`;

interface Job {
  readonly status: string;
  readonly attempt: number;
  readonly step: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: Record<'video' | 'audio', { readonly url: string; readonly sizeBytes: number }> | null;
}

/** A process on a machine of its own: its own folder, and nothing of another's. */
class Machine {
  readonly dataDir: string;
  readonly #child: ChildProcess;
  url = '';

  private constructor(dataDir: string, child: ChildProcess) {
    this.dataDir = dataDir;
    this.#child = child;
  }

  static async start(root: 'server' | 'worker', env: Record<string, string>): Promise<Machine> {
    const dataDir = await mkdtemp(join(tmpdir(), `playhead-${root}-`));
    const child = fork(new URL(`../../src/${root}.ts`, import.meta.url), {
      env: { PATH: process.env['PATH'], ...env, PORT: '0', PLAYHEAD_DATA_DIR: dataDir },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const machine = new Machine(dataDir, child);
    onTestFinished(async () => {
      await machine.kill();
      await rm(dataDir, { recursive: true, force: true });
    });
    const ready = readyMessage<{ url?: string }>(child, root);
    machine.url = (await within(ready, PATIENCE_MS, `the ${root} is ready`)).url ?? '';
    return machine;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Everything below its data folder. */
  async files(): Promise<readonly string[]> {
    return readdir(this.dataDir, { recursive: true });
  }
}

function createApi(api: Machine, projectId: string) {
  const post = async <T>(query: string, variables: object): Promise<T> => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    expect(errors).toBeUndefined();
    return data;
  };
  const load = async (id: string): Promise<Job> => (await post<{ job: Job }>(JOB, { projectId, id })).job;
  return {
    start: async (mutation: string, type: string, input: object): Promise<string> => {
      const query = `mutation ($input: ${type}!) { ${mutation}(input: $input) { id } }`;
      const data = await post<Record<string, { id: string }>>(query, { input: { projectId, ...input } });
      return data[mutation]?.id ?? '';
    },
    reached: (id: string, isThere: (job: Job) => boolean) =>
      until(
        async () => {
          const job = await load(id);
          expect(job.error?.message ?? '').toBe('');
          return isThere(job) ? job : undefined;
        },
        { what: `the job ${id} is so far` },
      ),
  };
}

test('a job goes on where its dead worker’s machine left it, and the files come through an API that never had them', {
  timeout: 180_000,
}, async () => {
  const storage = await startObjectStorage();
  const env = {
    ...storage.env,
    REDIS_URL: inject('redisUrl'),
    PLAYHEAD_PREFIX: unique('machines'),
    PLAYHEAD_LOG_LEVEL: 'fatal',
    // Not so short that a busy machine loses one to nothing but its load.
    PLAYHEAD_LOCK_SECONDS: '10',
  };
  const [server, first] = await Promise.all([Machine.start('server', env), Machine.start('worker', env)]);
  const api = createApi(server, 'machines');
  const video = await api.start('generateVideo', 'GenerateVideoInput', { script: SCRIPT });
  await api.reached(video, ({ step }) => step === 'lipsync' || step === 'subtitles' || step === 'render');
  await first.kill();
  const second = await Machine.start('worker', env);
  const done = await api.reached(video, ({ status }) => status === 'COMPLETED');
  expect(done.attempt).toBe(2);
  const made = done.result?.video;
  const bytes = await (await fetch(String(made?.url))).bytes();
  expect([bytes.length, Buffer.from(bytes.subarray(4, 8)).toString()]).toEqual([made?.sizeBytes, 'ftyp']);

  // The audio is the second machine's work; a third one makes lips of it.
  const audio = await api.start('generateAudio', 'GenerateAudioInput', { text: 'Good morning to you all.' });
  await api.reached(audio, ({ status }) => status === 'COMPLETED');
  await second.kill();
  const third = await Machine.start('worker', env);
  const lips = await api.start('syncLips', 'SyncLipsInput', { audioJobId: audio });
  const spoken = await api.reached(lips, ({ status }) => status === 'COMPLETED');
  const head = await fetch(String(spoken.result?.video.url), { headers: { range: 'bytes=4-7' } });
  expect([head.status, await head.text()]).toEqual([206, 'ftyp']);
  expect(await server.files()).toEqual([]);
  for (const worker of [second, third]) expect(await worker.files()).not.toContain('artifacts');
  await until(async () => !(await third.files()).some((path) => path.startsWith('scratch/')), {
    what: 'nothing half-made is left',
  });
});
