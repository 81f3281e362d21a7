/**
 * `node --import ./scripts/runtime.mjs bench/runs/record.ts [--busy] [--runs 200] [--seed 1]`: records real runs of every
 * workflow, through a server and a worker of their own, with inputs of varying size, until that many of each have completed
 * (failed ones are kept, but not counted). It runs one job at a time for `npm run bench -- eta`; let nothing else run on the
 * machine during that time. 200 runs of each workflow take about 45 minutes on 2 cores.
 *
 * With --busy, runs and batches alternate, in stretches with and without another process that keeps all cores busy.
 *
 * Resumes where an earlier recording stopped (*.jsonl), and packs everything into *.jsonl.gz at the end.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { EventLog } from '../../src/log/log.ts';
import type { JobEvent } from '../../src/progress/events.ts';
import { batchIdOf } from '../../src/progress/state.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { launchRedis } from '../../src/redis/launcher.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { tableOf, WORKFLOWS } from '../../test/setup/workflows.ts';
import { createRandom, makeBrief, makeScript, makeText } from './inputs.ts';
import { BUSY_FILE, BUSY_SLOTS, type RecordedRun, RUNS_FILE } from './recorded.ts';

const { values } = parseArgs({
  options: {
    busy: { type: 'boolean', default: false },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = Number(values.runs);
const file = values.busy ? BUSY_FILE : RUNS_FILE;
const lines = fileURLToPath(file).replace(/\.gz$/, '');
const PROJECT = 'recording';
const MUTATIONS: Readonly<Record<Workflow, readonly [field: string, inputType: string]>> = {
  DIRECTOR: ['generateVideo', 'GenerateVideoInput!'],
  AUDIO: ['generateAudio', 'GenerateAudioInput!'],
  WRITER: ['writeScript', 'WriteScriptInput!'],
  LIPSYNC: ['syncLips', 'SyncLipsInput!'],
};
const BATCH_MUTATIONS: typeof MUTATIONS = {
  DIRECTOR: ['generateVideoBatch', 'GenerateVideoBatchInput!'],
  AUDIO: ['generateAudioBatch', 'GenerateAudioBatchInput!'],
};
/** One in how many rounds has a run, or a batch, of a workflow; default: every round has a run, and none a batch. */
const RUN_EVERY: Readonly<Record<Workflow, number>> = { DIRECTOR: 2 };
const BATCH_EVERY: Readonly<Record<Workflow, number>> = { AUDIO: 2, DIRECTOR: 4 };
const BATCH_SIZES = [4, 3, 6];
/** A busy machine is slow: the maximum number of scenes of a script and of characters of a text. */
const SHORT_SCENES = 2;
const SHORT_TEXT = 100;
/** Number of rounds in a stretch with or without load. */
const STRETCHES = [2, 3, 3];

const earlier = existsSync(lines) ? readFileSync(lines, 'utf8').split('\n').filter(Boolean) : [];
const counts = new Map<Workflow, number>([...WORKFLOWS.keys()].map((workflow) => [workflow, 0]));
let batches = 0;
for (const line of earlier) {
  const { workflow, status, batch } = JSON.parse(line) as RecordedRun;
  if (batch !== undefined) batches = Math.max(batches, batch);
  else if (status === 'COMPLETED') count(workflow);
}

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-record-'));
const redisServer = await launchRedis({ dataDir, binary: findRedisServer(), persist: false, restart: false });
const redis = connectRedis(redisServer.url, () => {});
const log = new EventLog(redis, createKeys());
const random = createRandom(Number(values.seed) + earlier.length);
/** Finished speech that lip sync can use. */
const speech: { readonly id: string; readonly seconds: number }[] = [];
const children: ChildProcess[] = [];
/** The process that keeps the cores busy, and its threads. */
const busy: { child?: ChildProcess | undefined; threads: number } = { threads: 0 };
/** The last event read from the project's log. */
let followed = 0;
try {
  const { url = '' } = await start('server.ts');
  await start('worker.ts');
  for (let round = 0; ; round += 1) {
    const due = [...counts].filter(([, done]) => done < wanted).sort((one, other) => one[1] - other[1]);
    if (due.length === 0) break;
    if (!values.busy) {
      await recordNext(url, due[0]?.[0] ?? 'AUDIO');
      continue;
    }
    setBusy(threadsIn(round));
    for (const [workflow] of due) {
      if (round % (RUN_EVERY[workflow] ?? 1) === 0) await recordNext(url, workflow);
    }
    for (const [workflow, every] of Object.entries(BATCH_EVERY)) {
      if (round % every > 0) continue;
      batches += 1;
      await record(url, workflow, BATCH_SIZES[batches % BATCH_SIZES.length] ?? 1);
    }
  }
  writeFileSync(file, gzipSync(readFileSync(lines), { level: 9 }));
} finally {
  busy.child?.kill('SIGKILL');
  for (const child of children) child.kill('SIGKILL');
  await closeRedis(redis);
  await redisServer.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Lip sync needs speech: if there is none, speech is made first, even if enough of it has been recorded. */
async function recordNext(url: string, workflow: Workflow): Promise<void> {
  await record(url, workflow === 'LIPSYNC' && speech.length === 0 ? 'AUDIO' : workflow, 0);
}

/** Starts one of the product's root modules in a process of its own. */
async function start(root: string): Promise<{ url?: string }> {
  const slots = values.busy ? BUSY_SLOTS : 1;
  const child = fork(fileURLToPath(new URL(`../../src/${root}`, import.meta.url)), {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', REDIS_URL: redisServer.url, PORT: '0' },
      ...{ PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_CONCURRENCY: `${slots}`, PLAYHEAD_LOG_LEVEL: 'error' },
      PLAYHEAD_LOG_LENGTH: '1000000',
    },
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url?: string }));
    child.once('exit', (code) => reject(new Error(`${root} ended with ${code}`)));
  });
}

/** Number of threads of the busy process in a round: every other stretch has none. */
function threadsIn(round: number): number {
  let stretch = 0;
  for (let at = 0; ; stretch += 1) {
    at += STRETCHES[stretch % STRETCHES.length] ?? 1;
    if (at > round) break;
  }
  return stretch % 2 === 0 ? 0 : availableParallelism();
}

function setBusy(threads: number): void {
  if (threads === busy.threads) return;
  busy.child?.kill('SIGKILL');
  const program = fileURLToPath(new URL('./busy.ts', import.meta.url));
  busy.child = threads === 0 ? undefined : fork(program, [`${threads}`]);
  busy.threads = threads;
}

function count(workflow: Workflow): void {
  counts.set(workflow, (counts.get(workflow) ?? 0) + 1);
}

type Sizes = Record<string, number>;

function makeInput(workflow: Workflow): { input: Record<string, unknown>; sizes: Sizes } {
  switch (workflow) {
    case 'DIRECTOR': {
      const script = makeScript(random, values.busy ? SHORT_SCENES : undefined);
      return { input: { script }, sizes: { characters: script.length } };
    }
    case 'AUDIO': {
      const text = makeText(random, values.busy ? SHORT_TEXT : undefined);
      return { input: { text }, sizes: { characters: text.length } };
    }
    case 'WRITER': {
      const { brief, scenes } = makeBrief(random);
      return { input: { brief, scenes }, sizes: { characters: brief.length, wanted: scenes } };
    }
    case 'LIPSYNC': {
      const short = speech.filter(({ seconds }) => seconds <= 20);
      const chosen = short[Math.floor(random() * short.length)] ?? speech[0];
      if (chosen === undefined) throw new Error('lip sync needs speech');
      return { input: { audioJobId: chosen.id }, sizes: { seconds: chosen.seconds } };
    }
    default:
      throw new Error(`expected a workflow that is recorded, received ${workflow}`);
  }
}

/** @param items number of items; 0: not a batch */
async function record(url: string, workflow: Workflow, items: number): Promise<void> {
  const made = Array.from({ length: Math.max(1, items) }, () => makeInput(workflow));
  const [first] = made;
  const input = items === 0 ? first?.input : { items: made.map((item) => item.input) };
  const [field, type] = (items === 0 ? MUTATIONS : BATCH_MUTATIONS)[workflow] ?? [];
  const at = Date.now();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation ($input: ${type}) { made: ${field}(input: $input) { id } }`,
      variables: { input: { projectId: PROJECT, maxAttempts: 1, ...input } },
    }),
  });
  const answer = (await response.json()) as { data?: { made: { id: string } }; errors?: unknown };
  const id = answer.data?.made.id;
  if (id === undefined) throw new Error(JSON.stringify(answer));
  const events = await follow(id);
  const jobs = [...Map.groupBy(events, ({ jobId }) => jobId)].filter(
    ([jobId]) => items === 0 || jobId !== id,
  );
  const ids = jobs.map(([jobId]) => jobId).sort();
  const runs = jobs.map(([jobId, own]) => ({
    ...describe(workflow, jobId, own, { ...made[ids.indexOf(jobId)]?.sizes }),
    ...{ at, load: Math.round((loadavg()[0] ?? 0) * 10) / 10, busy: busy.threads },
    ...(items > 0 && { batch: batches, begunMs: begunAt(own) - at }),
  }));
  for (const run of runs) {
    appendFileSync(lines, `${JSON.stringify(run)}\n`);
    if (items === 0 && run.status === 'COMPLETED') count(workflow);
    const ms = run.events.at(-1)?.[0];
    console.log(workflow, counts.get(workflow), run.batch ?? '', run.status, `${ms} ms`, run.busy, run.load);
  }
}

function describe(workflow: Workflow, id: string, events: readonly JobEvent[], sizes: Sizes) {
  const end = events.at(-1);
  const result = end?.type === 'CompletionEvent' ? (end.result as Record<string, unknown>) : null;
  for (const name of ['totalDuration', 'clips', 'tries', 'scenes']) {
    const value = result?.[name];
    if (typeof value === 'number') sizes[name] = Math.round(value * 1_000) / 1_000;
  }
  if (workflow === 'AUDIO' && result !== null) speech.push({ id, seconds: sizes['totalDuration'] ?? 0 });
  const status = result === null ? ('FAILED' as const) : ('COMPLETED' as const);
  return { workflow, status, sizes, events: compact(workflow, events) };
}

/** The events of a job, or of a batch and its items in the order in which the items ended, once it has ended. */
async function follow(jobId: string): Promise<readonly JobEvent[]> {
  const found: JobEvent[] = [];
  for (;;) {
    const page = await log.readFrom(PROJECT, followed + 1, 1_000);
    for (const { seq, event } of page.events) {
      followed = seq;
      if (event.jobId !== jobId && batchIdOf(event.jobId) !== jobId) continue;
      found.push(event);
      if (event.jobId === jobId && event.type !== 'ProgressEvent') return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** When the attempt began, in ms since the epoch. */
function begunAt(events: readonly JobEvent[]): number {
  const began = events.find((event) => event.type !== 'ProgressEvent' || event.status !== 'queued');
  return Date.parse(began?.timestamp ?? '');
}

function compact(workflow: Workflow, events: readonly JobEvent[]): RecordedRun['events'] {
  const names: readonly string[] = tableOf(workflow).map(({ name }) => name);
  const from = begunAt(events);
  const rows: (readonly [number, number, number])[] = [];
  let step = -1;
  let progress = 0;
  for (const event of events) {
    if (event.type === 'ProgressEvent') {
      if (event.status === 'queued') continue;
      step = event.step === null ? -1 : names.indexOf(event.step);
      progress = Math.round(event.progress * 1e6);
    } else if (event.type === 'CompletionEvent') {
      progress = 1_000_000;
    }
    rows.push([Date.parse(event.timestamp) - from, step, progress]);
  }
  return rows;
}
