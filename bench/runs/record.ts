/**
 * `node --import ./scripts/runtime.mjs bench/runs/record.ts [--runs 200] [--seed 1]`: records real runs of every workflow
 * for `npm run bench -- eta`: one job at a time, through a server and a worker of their own, with inputs of varied size, until so
 * many of each have completed (failed ones are kept, and not counted). Goes on where an earlier recording stopped (runs.jsonl),
 * and packs everything into runs.jsonl.gz at the end. Let nothing else run on the machine meanwhile; 200 runs of each workflow
 * take about 45 minutes on 2 cores.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { EventLog } from '../../src/log/log.ts';
import type { JobEvent } from '../../src/progress/events.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { launchRedis } from '../../src/redis/launcher.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { tableOf, WORKFLOWS } from '../../test/setup/workflows.ts';
import { createRandom, makeBrief, makeScript, makeText } from './inputs.ts';
import { type RecordedRun, RUNS_FILE } from './recorded.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.runs);
const lines = fileURLToPath(new URL('./runs.jsonl', import.meta.url));
const PROJECT = 'recording';
const MUTATIONS: Readonly<Record<Workflow, string>> = {
  DIRECTOR: 'generateVideo(input: $input)',
  AUDIO: 'generateAudio(input: $input)',
  WRITER: 'writeScript(input: $input)',
  LIPSYNC: 'syncLips(input: $input)',
};
const INPUT_TYPES: Readonly<Record<Workflow, string>> = {
  DIRECTOR: 'GenerateVideoInput!',
  AUDIO: 'GenerateAudioInput!',
  WRITER: 'WriteScriptInput!',
  LIPSYNC: 'SyncLipsInput!',
};

const earlier = existsSync(lines) ? readFileSync(lines, 'utf8').split('\n').filter(Boolean) : [];
const counts = new Map<Workflow, number>([...WORKFLOWS.keys()].map((workflow) => [workflow, 0]));
for (const line of earlier) {
  const { workflow, status } = JSON.parse(line) as RecordedRun;
  if (status === 'COMPLETED') counts.set(workflow, (counts.get(workflow) ?? 0) + 1);
}

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-record-'));
const redisServer = await launchRedis({ dataDir, binary: findRedisServer(), persist: false, restart: false });
const redis = connectRedis(redisServer.url, () => {});
const log = new EventLog(redis, createKeys());
const random = createRandom(Number(values.seed) + earlier.length);
/** Finished speech that lip sync can take. */
const speech: { readonly id: string; readonly seconds: number }[] = [];
const children: ChildProcess[] = [];
/** The last event of the project that was read. */
let followed = 0;
try {
  const { url } = await start('server.ts');
  await start('worker.ts');
  for (;;) {
    const due = [...counts].filter(([, count]) => count < wanted).sort((one, other) => one[1] - other[1]);
    const next = due[0]?.[0];
    if (next === undefined) break;
    // Lip sync needs speech: also where all of that has been recorded, one is made.
    const workflow = next === 'LIPSYNC' && speech.length === 0 ? 'AUDIO' : next;
    const run = await record(url ?? '', workflow);
    appendFileSync(lines, `${JSON.stringify(run)}\n`);
    const count = (counts.get(workflow) ?? 0) + (run.status === 'COMPLETED' ? 1 : 0);
    counts.set(workflow, count);
    console.log(workflow, count, run.status, JSON.stringify(run.sizes), `${run.events.at(-1)?.[0]} ms`);
  }
  writeFileSync(RUNS_FILE, gzipSync(readFileSync(lines), { level: 9 }));
} finally {
  for (const child of children) child.kill('SIGKILL');
  await closeRedis(redis);
  await redisServer.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Starts a root of the product in a process of its own. */
async function start(root: string): Promise<{ url?: string }> {
  const child = fork(fileURLToPath(new URL(`../../src/${root}`, import.meta.url)), {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', REDIS_URL: redisServer.url, PORT: '0' },
      ...{ PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_CONCURRENCY: '1', PLAYHEAD_LOG_LEVEL: 'error' },
      PLAYHEAD_LOG_LENGTH: '1000000',
    },
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url?: string }));
    child.once('exit', (code) => reject(new Error(`${root} ended with ${code}`)));
  });
}

function makeInput(workflow: Workflow): { input: Record<string, unknown>; sizes: Record<string, number> } {
  switch (workflow) {
    case 'DIRECTOR': {
      const script = makeScript(random);
      return { input: { script }, sizes: { characters: script.length } };
    }
    case 'AUDIO': {
      const text = makeText(random);
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

async function record(url: string, workflow: Workflow): Promise<RecordedRun> {
  const { input, sizes } = makeInput(workflow);
  const at = Date.now();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation ($input: ${INPUT_TYPES[workflow]}) { made: ${MUTATIONS[workflow]} { id } }`,
      variables: { input: { projectId: PROJECT, maxAttempts: 1, ...input } },
    }),
  });
  const answer = (await response.json()) as { data?: { made: { id: string } }; errors?: unknown };
  const id = answer.data?.made.id;
  if (id === undefined) throw new Error(JSON.stringify(answer));
  const events = await follow(id);
  const end = events.at(-1);
  const result = end?.type === 'CompletionEvent' ? (end.result as Record<string, unknown>) : null;
  for (const name of ['totalDuration', 'clips', 'tries', 'scenes']) {
    const value = result?.[name];
    if (typeof value === 'number') sizes[name] = Math.round(value * 1_000) / 1_000;
  }
  if (workflow === 'AUDIO' && result !== null) speech.push({ id, seconds: sizes['totalDuration'] ?? 0 });
  return {
    workflow,
    at,
    status: result === null ? 'FAILED' : 'COMPLETED',
    sizes,
    events: compact(workflow, events),
  };
}

/** The job's events, once it has ended. */
async function follow(jobId: string): Promise<readonly JobEvent[]> {
  const found: JobEvent[] = [];
  for (;;) {
    const page = await log.readFrom(PROJECT, followed + 1, 1_000);
    for (const { seq, event } of page.events) {
      followed = seq;
      if (event.jobId !== jobId) continue;
      found.push(event);
      if (event.type !== 'ProgressEvent') return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
function compact(workflow: Workflow, events: readonly JobEvent[]): RecordedRun['events'] {
  const names: readonly string[] = tableOf(workflow).map(({ name }) => name);
  const began = events.find((event) => event.type !== 'ProgressEvent' || event.status !== 'queued');
  const from = Date.parse(began?.timestamp ?? '');
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
