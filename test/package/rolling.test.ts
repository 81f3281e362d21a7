/**
 * The version before this one and this one side by side on one Redis, as during a rolling upgrade: API and worker of each, jobs
 * of either are carried out and read by the other. test/fixtures/README.md says what the earlier version is.
 */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess, WorkerProcess } from '../web/processes.ts';
import { ROOT } from './installed.ts';

/** What both versions run: of two steps, of which the second may fail once, and waits until a file is there. */
const PROJECT = `
import { existsSync, appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { defineConfig, defineWorkflow, PlayheadError } from 'playhead';
import { z } from 'zod';

const folder = process.env.DRILL_FOLDER;

const drill = defineWorkflow({
  name: 'DRILL',
  description: 'Waits for a file.',
  batch: true,
  steps: { prepare: 0.5, finish: 0.5 },
  input: z.object({ name: z.string(), waits: z.boolean().default(false), fails: z.boolean().default(false) }),
  result: z.object({ said: z.string() }),
  run: async () => ({
    run: async (job) => {
      const { fails, name, waits } = job.input;
      const said = await job.step('prepare', 'Preparing', async () => {
        appendFileSync(folder + '/walked', name + ' ' + process.env.DRILL_VERSION + '\\n');
        return name.toUpperCase();
      });
      await job.step('finish', 'Finishing', async (step) => {
        if (fails && job.attempt === 1) throw new PlayheadError('PROVIDER_FAILED', 'once');
        while (waits && !existsSync(folder + '/go')) await setTimeout(20, null, { signal: step.signal });
        return null;
      });
      return { said };
    },
  }),
});

export default defineConfig({ workflows: [drill] });
`;

const folder = await mkdtemp(join(tmpdir(), 'playhead-rolling-'));
const prefix = unique('rolling');

/** Whom a version consists of. */
interface Version {
  readonly api: ApiProcess;
  readonly worker: WorkerProcess;
}

let before: Version;
let now: Version;

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Makes a project on a version of the package. @param root of the package */
async function createVersion(name: string, root?: string): Promise<Version> {
  const project = join(folder, name);
  const modules = join(project, 'node_modules');
  await mkdir(modules, { recursive: true });
  for (const found of await readdir(join(ROOT, 'node_modules'))) {
    if (found === 'playhead' || found.startsWith('.')) continue;
    await symlink(join(ROOT, 'node_modules', found), join(modules, found));
  }
  await writeFile(join(project, 'playhead.config.js'), PROJECT);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  if (root === undefined) await symlink(ROOT, join(modules, 'playhead'));
  const options = {
    ...{ prefix, dataDir: join(folder, 'data'), project },
    ...(root !== undefined && { root: join(project, root) }),
    env: { DRILL_FOLDER: folder, DRILL_VERSION: name, PLAYHEAD_CONCURRENCY: '3' },
  };
  return { api: new ApiProcess(options), worker: new WorkerProcess(options) };
}

beforeAll(async () => {
  before = await createVersion('before', 'node_modules/playhead');
  now = await createVersion('now');
  const tarball = join(ROOT, 'test/fixtures/playhead-before.tgz');
  const into = join(folder, 'before/node_modules/playhead');
  await mkdir(into);
  await promisify(execFile)('tar', ['-xzf', tarball, '-C', into, '--strip-components=1']);
});

afterAll(async () => {
  await Promise.all(
    [before, now].flatMap(({ api, worker }) => [api.kill('SIGTERM'), worker.kill('SIGTERM')]),
  );
  await rm(folder, { recursive: true, force: true });
});

async function ask<Data>({ api }: Version, query: string): Promise<Data> {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { readonly data: Data; readonly errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

async function start(by: Version, fields: string): Promise<string> {
  const { drill } = await ask<{ drill: { id: string } }>(
    by,
    `mutation { drill(input: { projectId: "demo", ${fields} }) { id } }`,
  );
  return drill.id;
}

interface Seen {
  readonly status: string;
  readonly step: string | null;
  readonly attempt: number;
  readonly queuePosition: number | null;
  readonly result: { readonly said?: string; readonly succeeded?: number } | null;
}

async function look(by: Version, id: string): Promise<Seen> {
  const result = 'result { ... on DrillResult { said } ... on BatchResult { succeeded } }';
  const { job } = await ask<{ job: Seen }>(
    by,
    `{ job(projectId: "demo", id: "${id}") { status step attempt queuePosition ${result} } }`,
  );
  return job;
}

const reaches = (by: Version, id: string, status: string): Promise<Seen> =>
  until(async () => {
    const seen = await look(by, id);
    return seen.status === status ? seen : undefined;
  });

/** Which version has done the first step of each job, once each. */
async function walked(): Promise<Readonly<Record<string, string>>> {
  const lines = (await readFile(join(folder, 'walked'), 'utf8')).trim().split('\n');
  expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(lines.length);
  return Object.fromEntries(lines.map((line) => line.split(' ') as [string, string]));
}

async function inFinish(by: Version, id: string): Promise<void> {
  await until(async () => (await look(by, id)).step === 'finish');
}

test('a job that one version has begun is finished by the other, from its last finished step, in both directions', async () => {
  await Promise.all([before.api.start(), before.worker.start()]);
  const upwards = await start(before, 'name: "upwards", waits: true');
  const failing = await start(before, 'name: "failing", fails: true, waits: true');
  await inFinish(before, upwards);
  await until(async () => (await look(before, failing)).attempt === 2);
  // The new worker comes, the old one goes, and hands over what it has.
  await now.worker.start();
  await before.worker.kill('SIGTERM');
  await until(async () => (await look(before, upwards)).attempt === 2);
  await now.api.start();
  expect(await look(now, upwards)).toMatchObject({ status: 'RUNNING', attempt: 2 });

  // And back, as when an upgrade is undone.
  const downwards = await start(now, 'name: "downwards", waits: true');
  await inFinish(now, downwards);
  await before.worker.start();
  await now.worker.kill('SIGTERM');
  await until(async () => (await look(now, downwards)).attempt === 2);
  await writeFile(join(folder, 'go'), '');
  for (const id of [upwards, failing, downwards]) {
    const seen = await reaches(before, id, 'COMPLETED');
    expect(await look(now, id)).toEqual(seen);
  }
  expect(await walked()).toEqual({ upwards: 'before', failing: 'before', downwards: 'now' });
  await rm(join(folder, 'go'));
});

test('both versions at once share the work, count it once, and show the same', async () => {
  await now.worker.start();
  expect(await exists(join(folder, 'go'))).toBe(false);
  const ids: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    ids.push(await start(count % 2 === 0 ? before : now, `name: "job${count}", waits: true`));
  }
  const batches: string[] = [];
  for (const by of [before, now]) {
    const name = by === before ? 'b' : 'n';
    const items = [1, 2, 3].map((index) => `{ name: "${name}${index}" }`);
    const { drillBatch } = await ask<{ drillBatch: { id: string } }>(
      by,
      `mutation { drillBatch(input: { projectId: "demo", items: [${items.join(', ')}] }) { id } }`,
    );
    batches.push(drillBatch.id);
  }
  const cancelled = await start(before, 'name: "cancelled"');
  const places = async (by: Version): Promise<readonly (number | null)[]> =>
    Promise.all([...ids, cancelled].map(async (id) => (await look(by, id)).queuePosition));
  await until(async () => JSON.stringify(await places(before)) === JSON.stringify(await places(now)));
  expect((await places(now)).at(-1)).not.toBeNull();
  await ask(now, `mutation { cancelJob(projectId: "demo", id: "${cancelled}") { id } }`);
  await reaches(before, cancelled, 'CANCELLED');
  // Otherwise one of the workers could do nearly all while the other is held up.
  await until(async () => {
    const jobs = Object.entries(await walked()).filter(([name]) => name.startsWith('job'));
    const taken = countBy(jobs.map(([, version]) => version));
    return taken['before'] === 3 && taken['now'] === 3;
  });
  await writeFile(join(folder, 'go'), '');
  for (const id of ids) expect(await reaches(now, id, 'COMPLETED')).toEqual(await look(before, id));
  for (const id of batches) {
    expect((await reaches(before, id, 'COMPLETED')).result).toEqual({ succeeded: 3 });
    expect(await look(now, id)).toEqual(await look(before, id));
  }
  const { before: byOld = 0, now: byNew = 0 } = countBy(Object.values(await walked()));
  expect(Math.min(byOld, byNew)).toBeGreaterThan(2);
});

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
