/**
 * `npm run soak -- --minutes N`: an API process and a worker under changing clients, for a long time (default 40 minutes).
 *
 *   load      5 short jobs a second over 50 projects, of which some are cancelled and retried; 200 clients, over WebSocket and
 *             event streams, that come and go, with tokens that run out; requests whose clients are gone at once
 *   checked   every event of every client: none lost, repeated, out of order or other than what others received;
 *             the API's heap after a forced collection does not grow once it is warm (least squares over the second half);
 *             feeds, subscribers, connections and file descriptors are back where they began when all have left
 *
 * `--snapshots FOLDER` writes heap snapshots of the API when warm and at the end. Ends with 1 when something is wrong.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pause } from '../../src/core/pause.ts';
import { launchRedis } from '../../src/redis/launcher.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { type Random, seeded } from '../faults/kit/random.ts';
import { until, within } from '../setup/deadline.ts';
import type { Holding } from './api.ts';
import { follow, Limit, LOGIN, makeToken, stray } from './client.ts';
import { slopeOf } from './slope.ts';
import { Witness } from './witness.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '40' },
    clients: { type: 'string', default: '200' },
    jobs: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    snapshots: { type: 'string' },
  },
});
const MINUTES = Number(values.minutes);
const CLIENTS = Number(values.clients);
const JOBS_PER_SECOND = Number(values.jobs);
const PROJECTS = Array.from({ length: 50 }, (_, index) => `soak-${index}`);
const MAX_MB_PER_MINUTE = 0.1;
const SAMPLE_MS = 15_000;
/** A feed lingers for 30 s behind its last listener. */
const AFTERMATH_MS = 60_000;
const START_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 60_000;

const BRIEF =
  'Lighthouses warn ships of rocks. Keepers lit the lamps every night. Today most lamps are automatic.';
const CREATE = 'mutation ($input: WriteScriptInput!) { job: writeScript(input: $input) { id } }';
const CANCEL = 'mutation ($p: ID!, $j: ID!) { job: cancelJob(projectId: $p, id: $j) { id } }';
const RETRY = 'mutation ($p: ID!, $j: ID!) { job: retryJob(projectId: $p, id: $j) { id } }';

/** What the API counts of itself. */
const GAUGES = [
  'playhead_feeds',
  'playhead_subscribers',
  'playhead_websocket_connections',
  'playhead_delivery_groups',
] as const;
type Gauges = Readonly<Record<(typeof GAUGES)[number], number>>;

const random = seeded(Number(values.seed));
const witness = new Witness();
witness.onAnomaly = (anomaly) => console.log(anomaly);
/** By project. */
const latestJobs = new Map<string, string>();
const counts = { jobs: 0, refused: 0, unanswered: 0, cancelled: 0, retried: 0, visits: 0 };

const dataDir = await mkdtemp(join(tmpdir(), 'playhead-soak-'));
const redis = await launchRedis({ dataDir, binary: findRedisServer(), persist: false, restart: false });
const env = {
  PATH: process.env['PATH'] ?? '',
  REDIS_URL: redis.url,
  PORT: '0',
  PLAYHEAD_DATA_DIR: dataDir,
  PLAYHEAD_LOG_LEVEL: 'fatal',
  PLAYHEAD_LOG_LENGTH: '10000',
  PLAYHEAD_JOB_RETENTION_HOURS: '1',
  PLAYHEAD_AUTH_SECRET: 'a-secret-of-the-server-that-is-long-enough',
  PLAYHEAD_JWT_SECRET: LOGIN.secret,
  PLAYHEAD_JWT_ISSUER: LOGIN.issuer,
  PLAYHEAD_JWT_AUDIENCE: 'playhead',
  PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS: '10000',
  // Connections that this program's own requests leave behind are gone when it counts.
  PLAYHEAD_KEEP_ALIVE_SECONDS: '5',
};
const api = fork(new URL('./api.ts', import.meta.url), {
  env,
  execArgv: [...process.execArgv, '--expose-gc', '--max-semi-space-size=4'],
});
const worker = fork(new URL('../../src/worker.ts', import.meta.url), { env });
try {
  const [port] = await Promise.all([
    portOf(api),
    within(once(worker, 'message'), START_LIMIT_MS, 'the worker'),
  ]);
  process.exitCode = (await soak(port)) ? 0 : 1;
} finally {
  await Promise.all([api, worker].map(end));
  await redis.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function soak(port: number): Promise<boolean> {
  // What the first request loads and compiles is no growth.
  await mutate(port, 'soak-0', CREATE, { input: { projectId: 'soak-0', brief: BRIEF } });
  await pause(2_000);
  const [before, gaugesBefore] = [await holdingOf(api), await gaugesOf(port)];
  const over = new Limit(MINUTES * 60_000, new AbortController().signal).signal;
  // One listener for each client and each of its waits.
  setMaxListeners(0, over);
  const load = [
    makeJobs(port, over),
    straying(port, over),
    ...Array.from({ length: CLIENTS }, (_, index) => come(port, `client ${index}`, seeded(index + 7), over)),
  ];
  const [samples] = await Promise.all([sample(port, over), ...load]);
  const slope = slopeOf(samples.filter(([minute]) => minute >= MINUTES / 2));
  const isBack = async (): Promise<boolean> => {
    const [now, gauges] = [await holdingOf(api), await gaugesOf(port)];
    const same = GAUGES.every((name) => gauges[name] <= gaugesBefore[name]);
    return same && now.descriptors <= before.descriptors;
  };
  const back = await until(isBack, {
    everyMs: 1_000,
    timeoutMs: AFTERMATH_MS,
    what: 'all is as before',
  }).then(
    () => true,
    () => false,
  );
  if (values.snapshots !== undefined) await snapshot(join(values.snapshots, 'end.heapsnapshot'));
  const [after, gaugesAfter] = [await holdingOf(api), await gaugesOf(port)];
  console.log(
    `load        ${JSON.stringify({ minutes: MINUTES, ...counts, eventsReceived: witness.received })}`,
  );
  console.log(
    `anomalies   ${witness.anomalies.length}${witness.anomalies
      .slice(0, 5)
      .map((text) => `\n  ${text}`)
      .join('')}`,
  );
  console.log(`heap        ${slope.toFixed(3)} MB/min in the second half, at most ${MAX_MB_PER_MINUTE}`);
  console.log(`before      ${describe(before)} ${JSON.stringify(gaugesBefore)}`);
  console.log(`when left   ${describe(after)} ${JSON.stringify(gaugesAfter)}${back ? '' : ' NOT AS BEFORE'}`);
  // A machine that is too busy for its clients shows nothing.
  const isHeard = witness.received > counts.jobs && counts.jobs > 0;
  if (!isHeard) console.log('NOTHING SHOWN: clients received fewer events than jobs were made');
  return isHeard && witness.anomalies.length === 0 && slope <= MAX_MB_PER_MINUTE && back;
}

/** One client after the other, each for some seconds up to two minutes. */
async function come(port: number, name: string, own: Random, over: AbortSignal): Promise<void> {
  await pause(own.below(5_000), over).catch(() => {});
  while (!over.aborted) {
    counts.visits += 1;
    const projectId = PROJECTS[own.below(PROJECTS.length)] ?? '';
    const visit = new Limit(5_000 + own.below(115_000), over);
    const jobId = own.below(10) === 0 ? latestJobs.get(projectId) : undefined;
    await follow({
      ...{ name: `${name} of ${projectId}`, port, projectId, random: own, witness, signal: visit.signal },
      ...(jobId !== undefined && { jobId }),
    });
    visit.clear();
    await pause(own.below(1_000), over).catch(() => {});
  }
}

async function makeJobs(port: number, over: AbortSignal): Promise<void> {
  const made: Promise<void>[] = [];
  while (!over.aborted) {
    made.push(makeJob(port));
    if (made.length > 100) await made.shift();
    await pause(1_000 / JOBS_PER_SECOND, over).catch(() => {});
  }
  await Promise.all(made);
}

async function makeJob(port: number): Promise<void> {
  const projectId = PROJECTS[random.below(PROJECTS.length)] ?? '';
  const [fate, waitMs] = [random.below(10), random.below(300)];
  const id = await mutate(port, projectId, CREATE, { input: { projectId, brief: BRIEF } });
  if (id === null) return;
  counts.jobs += 1;
  latestJobs.set(projectId, id);
  if (fate > 1) return;
  await pause(waitMs);
  const cancelled = await mutate(port, projectId, CANCEL, { p: projectId, j: id });
  if (cancelled === null) return;
  counts.cancelled += 1;
  if (fate === 1 && (await mutate(port, projectId, RETRY, { p: projectId, j: id })) !== null)
    counts.retried += 1;
}

async function straying(port: number, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await stray(port, PROJECTS[random.below(PROJECTS.length)] ?? '', random, over);
    await pause(1_000, over).catch(() => {});
  }
}

/** @returns the job's id; null when it was refused, as the cancellation of a job that has ended is, or not answered in time */
async function mutate(
  port: number,
  projectId: string,
  query: string,
  variables: object,
): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await makeToken(projectId, 60, 'write')}`,
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const { data } = (await response.json()) as { data?: { job: { id: string } | null } | null };
    if (data?.job == null) counts.refused += 1;
    return data?.job?.id ?? null;
  } catch {
    // A machine that is too busy.
    counts.unanswered += 1;
    return null;
  }
}

/** @returns minutes since the start and MB of heap, until it is over */
async function sample(port: number, over: AbortSignal): Promise<[number, number][]> {
  const samples: [number, number][] = [];
  const started = performance.now();
  let isWarm = false;
  while (!over.aborted) {
    await pause(SAMPLE_MS, over).catch(() => {});
    if (over.aborted) break;
    const holding = await holdingOf(api);
    const gauges = await gaugesOf(port).catch(() => null);
    const minute = (performance.now() - started) / 60_000;
    samples.push([minute, holding.heapBytes / 1e6]);
    console.log(
      `${minute.toFixed(2).padStart(6)} min  ${describe(holding)}  ${GAUGES.map((name) => gauges?.[name] ?? '?').join(' ')}  events ${witness.received}`,
    );
    if (!isWarm && minute >= MINUTES / 2 && values.snapshots !== undefined) {
      isWarm = true;
      await snapshot(join(values.snapshots, 'warm.heapsnapshot'));
    }
  }
  return samples;
}

async function gaugesOf(port: number): Promise<Gauges> {
  const token = await makeToken('*', 60, 'admin');
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  const figureOf = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return Object.fromEntries(GAUGES.map((name) => [name, figureOf(name)])) as Gauges;
}

async function holdingOf(child: ChildProcess): Promise<Holding> {
  const answer = once(child, 'message') as Promise<[{ holding: Holding }]>;
  child.send({ hold: true });
  const [{ holding }] = await within(answer, START_LIMIT_MS, 'what the API holds');
  return holding;
}

async function snapshot(file: string): Promise<void> {
  const answer = once(api, 'message');
  api.send({ snapshot: file });
  await within(answer, 10 * START_LIMIT_MS, 'a heap snapshot');
}

async function portOf(child: ChildProcess): Promise<number> {
  const [{ port }] = (await within(once(child, 'message'), START_LIMIT_MS, 'the API')) as [{ port: number }];
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function describe({ heapBytes, externalBytes, rssBytes, descriptors }: Holding): string {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return `heap ${mb(heapBytes)} MB, outside ${mb(externalBytes)} MB, resident ${mb(rssBytes)} MB, ${descriptors} descriptors`;
}
