/**
 * examples/celery/ with the real Celery and Redis: tasks that are retried, whose worker is killed, and that are revoked by cancelJob;
 * and plain Python beside a server that goes away. Skipped where there is no Python with Celery; under CI it has to be there.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { memberOf } from '../../src/jobs/watch.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { find, PYTHON_WITH_CELERY } from '../../src/settings/programs.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { isAlive } from '../setup/processes.ts';
import { ApiProcess, WorkerProcess } from '../web/processes.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/celery/', import.meta.url));
const python = find(PYTHON_WITH_CELERY);
const isMissing = python === undefined && (process.env['CI'] ?? '') === '';
if (isMissing) console.warn(`examples/celery is not tested: no ${PYTHON_WITH_CELERY.title} was found`);

const folder = mkdtempSync(join(tmpdir(), 'playhead-celery-'));
const broker = new URL(inject('redisUrl'));
broker.pathname = '/7';
const prefix = unique('celery');
const dataDir = join(folder, 'data');
const api = new ApiProcess({ prefix, dataDir });
/** Python's own environment, and what tells it where server and broker are. */
const environment = () => ({
  PATH: process.env['PATH'] ?? '',
  PYTHONPATH: EXAMPLE,
  PYTHONDONTWRITEBYTECODE: '1',
  PLAYHEAD_URL: api.url,
  CELERY_BROKER_URL: broker.href,
});

interface SeenJob {
  readonly id: string;
  readonly externalId: string;
  readonly taskName: string;
  readonly status: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly progress: number;
  readonly step: string | null;
  readonly message: string | null;
  readonly metadata: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly details: unknown } | null;
  readonly result: { readonly data: unknown } | null;
}

async function ask(query: string, variables: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Record<string, unknown>; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

async function seen(projectId: string, externalId: string): Promise<SeenJob | undefined> {
  const query = `query ($projectId: ID!) { jobs(projectId: $projectId, first: 100) { edges { node {
    id externalId taskName status attempt maxAttempts progress step message metadata
    error { code message details } result { ... on DataResult { data } } } } } }`;
  const { jobs } = (await ask(query, { projectId })) as { jobs: { edges: { node: SeenJob }[] } };
  return jobs.edges.map(({ node }) => node).find((node) => node.externalId === externalId);
}

/** Waits until the job is as wanted. */
async function job(
  projectId: string,
  externalId: string,
  isWanted: (job: SeenJob) => boolean,
): Promise<SeenJob> {
  return until(
    async () => {
      const found = await seen(projectId, externalId);
      if (found !== undefined && isWanted(found)) return found;
      throw new Error(`the job is ${JSON.stringify(found)}`);
    },
    { everyMs: 50, what: isWanted.toString() },
  );
}

/** Runs a program of Python to its end. */
async function run(program: string, env: Record<string, string> = {}) {
  return promisify(execFile)(python ?? '', ['-c', program], { env: { ...environment(), ...env } });
}

/** Starts a program of Python that is told when to go on. */
function start(program: string) {
  const child = spawn(python ?? '', ['-c', program], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  return { process: child, exited: once(child, 'exit'), said: () => said };
}

/** Gives a task to Celery. @returns its id */
async function send(task: string, ...args: unknown[]): Promise<string> {
  const { stdout } = await run(
    `import json, tasks; print(tasks.${task}.delay(*json.loads(${JSON.stringify(JSON.stringify(args))})).id)`,
  );
  return stdout.trim();
}

/** What Celery itself says of a task. */
async function stateOf(id: string): Promise<string> {
  const { stdout } = await run(`import tasks; print(tasks.app.AsyncResult(${JSON.stringify(id)}).state)`);
  return stdout.trim();
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => {
      try {
        return readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid);
      } catch {
        return false;
      }
    });
}

/** A file whose end comes only when the test closes it: the task that reads it waits for that. */
async function openPipe(): Promise<{ path: string; write: (text: string) => void; end: () => void }> {
  const path = join(folder, unique('pipe'));
  await promisify(execFile)('mkfifo', [path]);
  const file = openSync(path, 'r+');
  let isOpen = true;
  const end = () => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  onTestFinished(end);
  return { path, write: (text) => writeSync(file, text), end };
}

describe.skipIf(isMissing)('Celery', () => {
  let worker: ChildProcess;
  const output = join(folder, 'celery.log');

  beforeAll(async () => {
    await api.start();
    worker = spawn(
      python ?? '',
      [
        '-m',
        'celery',
        '-A',
        'tasks',
        'worker',
        '--concurrency=2',
        '--loglevel=info',
        '--without-gossip',
        '--without-mingle',
      ],
      { cwd: folder, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [worker.stdout, worker.stderr]) {
      stream?.on('data', (chunk: Buffer) => appendFileSync(output, chunk));
    }
    await until(() => readFileSync(output, 'utf8').includes(' ready.'), { everyMs: 50 });
  });

  afterAll(async () => {
    if (worker?.exitCode === null && worker.signalCode === null) {
      const ended = once(worker, 'exit');
      worker.kill('SIGQUIT');
      await ended;
    }
    await api.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a task that is tried again is one job with several attempts', async () => {
    const path = join(folder, unique('late'));
    const id = await send('fingerprint', path);

    const waiting = await job('demo', id, ({ status }) => status === 'RETRYING');
    expect(waiting).toMatchObject({ taskName: 'tasks.fingerprint', maxAttempts: 6 });
    expect(waiting.error).toMatchObject({ code: 'TASK_FAILED', details: { type: 'FileNotFoundError' } });
    expect(waiting.error?.message).toContain(path);

    writeFileSync(path, 'hello');
    const done = await job('demo', id, ({ status }) => status === 'COMPLETED');
    expect(done.id).toBe(waiting.id);
    expect(done.attempt).toBeGreaterThan(1);
    expect(done.result?.data).toEqual({
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      bytes: 5,
    });
    expect(await stateOf(id)).toBe('SUCCESS');
  });

  test('a task whose worker is killed goes on as the next attempt of the same job', async () => {
    const pipe = await openPipe();
    const id = await send('fingerprint', pipe.path);
    pipe.write('abc');
    const first = await job('demo', id, ({ message }) => message === '3 bytes');
    expect(first).toMatchObject({ attempt: 1, step: 'read' });

    for (const pid of childrenOf(worker.pid ?? 0)) process.kill(pid, 'SIGKILL');
    await job('demo', id, ({ attempt }) => attempt === 2);
    pipe.write('abc');
    await job('demo', id, ({ attempt, message }) => attempt === 2 && message === '3 bytes');
    pipe.end();

    const done = await job('demo', id, ({ status }) => status === 'COMPLETED');
    expect(done).toMatchObject({ id: first.id, attempt: 2 });
  });

  test('cancelJob revokes the task and ends its process', async () => {
    const pipe = await openPipe();
    const id = await send('fingerprint', pipe.path);
    pipe.write('abc');
    const running = await job('demo', id, ({ message }) => message === '3 bytes');
    const before = childrenOf(worker.pid ?? 0);

    await ask('mutation ($id: ID!) { cancelJob(projectId: "demo", id: $id) { status } }', { id: running.id });

    await until(() => before.some((pid) => !isAlive(pid)));
    await until(async () => (await stateOf(id)) === 'REVOKED');
    expect(await seen('demo', id)).toMatchObject({ status: 'CANCELLED', attempt: 1 });
  });

  test('a batch tells the mean of its items', async () => {
    const paths = ['a', 'b'].map((text) => {
      const path = join(folder, unique(text));
      writeFileSync(path, text);
      return path;
    });
    const id = await send('fingerprint_all', paths);
    const done = await job('demo', id, ({ status }) => status === 'COMPLETED');
    expect(done).toMatchObject({ taskName: 'fingerprints', progress: 1 });
    expect(done.result?.data).toMatchObject({
      sha256: [expect.stringMatching(/^ca978112/), expect.any(String)],
    });
  });

  describe('plain Python', () => {
    test('reports progress, metadata and an exception as they are', async () => {
      const name = unique('plain');
      const program = `
from datetime import date
from playhead import ProgressTracker
try:
    with ProgressTracker(project_id="demo", task_name="report", external_id="${name}", title="Report") as tracker:
        tracker.update(0.35, "processing", "Generating clips (3/10)", {"day": date(2026, 1, 2), "ratio": float("nan")})
        while tracker.job_id is None: pass
        raise RuntimeError("no paper")
except RuntimeError as error:
    print(error)
`;
      expect((await run(program)).stdout).toBe('no paper\n');
      expect(await seen('demo', name)).toMatchObject({
        status: 'FAILED',
        progress: 0.35,
        message: 'no paper',
        metadata: { day: '2026-01-02', ratio: null },
        error: { code: 'TASK_FAILED', message: 'no paper', details: { type: 'RuntimeError' } },
      });
    });

    test('counts how the items of a batch end', async () => {
      const name = unique('batch');
      const program = `
from playhead import BatchProgressTracker
with BatchProgressTracker(None, "demo", "report", total_items=4, external_id="${name}") as batch:
    batch.update_item(0, 1.0, message="Page 1")
    batch.update_item(1, 0.2, "failed", "no paper")
    batch.update_item(1, 0.9, message="dropped: it has ended")
    batch.update_item(2, 0, "cancelled")
    batch.update_item(3, 0.5, message="Page 4")
`;
      expect((await run(program)).stderr).toBe('');
      expect(await seen('demo', name)).toMatchObject({
        status: 'COMPLETED',
        progress: 1,
        result: { data: { total: 4, succeeded: 1, failed: 1, cancelled: 1 } },
        metadata: {
          ...{ itemIndex: 3, itemStatus: 'processing', total: 4 },
          ...{ completed: 1, failed: 1, cancelled: 1 },
        },
      });
    });

    test('ends a job whose result or code the server refuses, without them', async () => {
      const [long, odd] = [unique('long'), unique('odd')];
      const program = `
from playhead import ProgressTracker
tracker = ProgressTracker(project_id="demo", task_name="report", external_id="${long}")
tracker.update(0.5, message=42)
tracker.complete("x" * 200000)
ProgressTracker(project_id="demo", task_name="report", external_id="${odd}").error("no paper", code="no code")
`;
      expect((await run(program)).stderr).toContain('does not take all of how report');
      expect(await seen('demo', long)).toMatchObject({ status: 'COMPLETED', result: { data: {} } });
      expect(await seen('demo', odd)).toMatchObject({
        status: 'FAILED',
        error: { code: 'TASK_FAILED', message: 'no paper' },
      });
    });

    test('says why a report was refused', async () => {
      const name = unique('refused');
      const program = `
from playhead import ProgressTracker, flush
with ProgressTracker(None, "demo", "report", steps={"a": 1, "b": 1}, external_id="${name}") as tracker:
    while tracker.job_id is None: pass
    tracker.step("c", 0.5)
    flush(30)
`;
      expect((await run(program)).stderr).toContain('step: expected one of a, b, received "c"');
      expect(await seen('demo', name)).toMatchObject({ status: 'COMPLETED' });
    });

    test('keeps an ending until the server is back', async () => {
      const name = unique('patient');
      const program = `
import sys
from playhead import ProgressTracker, flush
tracker = ProgressTracker(project_id="demo", task_name="report", external_id="${name}")
while tracker.job_id is None: pass
print("begun", flush=True)
sys.stdin.readline()
tracker.complete({"pages": 3})
print("ended", flush=True)
print(flush(120))
`;
      const script = start(program);
      await until(() => script.said().includes('begun'));
      await api.kill();
      script.process.stdin?.write('\n');
      await until(() => script.said().includes('ended'));
      await api.start();
      expect(await script.exited).toEqual([0, null]);
      expect(script.said()).toBe('begun\nended\nTrue\n');
      expect(await seen('demo', name)).toMatchObject({
        status: 'COMPLETED',
        attempt: 1,
        result: { data: { pages: 3 } },
      });
    });

    test('takes a job up again whose lease ended while the process slept', async () => {
      const worker = new WorkerProcess({ prefix, dataDir });
      await worker.start();
      onTestFinished(() => worker.kill());
      const name = unique('asleep');
      const program = `
import sys
from playhead import ProgressTracker
tracker = ProgressTracker(project_id="demo", task_name="report", external_id="${name}", lease_seconds=3600)
while tracker.job_id is None: pass
print("begun", flush=True)
sys.stdin.readline()
tracker.complete({"pages": 3})
`;
      const script = start(program);
      await until(() => script.said().includes('begun'));
      script.process.kill('SIGSTOP');
      // As if it had slept for longer than the lease.
      const id = (await seen('demo', name))?.id ?? '';
      const [redis, keys] = [connect(), createKeys(prefix)];
      await redis.hset(keys.project('demo').job(id), 'leaseUntil', 1);
      await redis.zadd(keys.leases, 1, memberOf({ projectId: 'demo', id }));
      const lost = await job('demo', name, ({ status }) => status === 'FAILED');
      expect(lost).toMatchObject({ attempt: 1, error: { code: 'WORKER_LOST' } });
      script.process.kill('SIGCONT');
      script.process.stdin?.write('\n');
      expect(await script.exited).toEqual([0, null]);
      expect(await seen('demo', name)).toMatchObject({ id: lost.id, status: 'COMPLETED', attempt: 2 });
    });

    test('ends in time and says what it could not send where there is no server', async () => {
      // Nor does a call wait until Celery is loaded, which takes half a second, where nothing else needs it.
      const program = `
import sys
from playhead import ProgressTracker
with ProgressTracker(project_id="demo", task_name="report", external_id="unheard") as tracker:
    tracker.update(0.5)
print("celery" in sys.modules)
`;
      const { stdout, stderr } = await run(program, { PLAYHEAD_URL: 'http://127.0.0.1:9' });
      expect(stdout).toBe('False\n');
      expect(stderr).toContain('could not be told how report unheard ended');
    });

    test.each([
      ['ProgressTracker(task_name="report")', 'ValueError: expected a project_id and a task_name'],
      [
        'ProgressTracker(project_id="demo", task_name="report").update("half")',
        'TypeError: expected progress',
      ],
      ['BatchProgressTracker(None, "demo", "report", total_items=0)', 'ValueError: expected at least 1 item'],
    ])('says what is wrong with %s', async (call, error) => {
      const program = `from playhead import *\n${call}`;
      await expect(run(program, { PLAYHEAD_URL: 'http://127.0.0.1:9' })).rejects.toThrow(error);
    });
  });
});
