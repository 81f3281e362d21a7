/**
 * Jobs that run elsewhere: what a report costs its sender and the server, over Redis and over HTTP, compared with what BullMQ
 * users do (updateProgress, and a PUBLISH for watchers); and 1,000 jobs of one process at 10 reports a second each.
 */
import { Queue } from 'bullmq';
import type { Tracked } from '../../src/jobs/tracked-begin.ts';
import { MAX_REPORTS, type ProgressInput } from '../../src/jobs/tracked-input.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { type Bench, PLAYHEAD, type Section, Server } from '../driver.ts';

const PROJECT = 'tracked';
const JOBS = 1_000;
const PER_SECOND = 10;
const MUTATION = `mutation ($input: ReportProgressInput!) { reportProgress(input: $input) { accepted stop } }`;
const MANY = `mutation ($input: ReportProgressManyInput!) { reportProgressMany(input: $input) { accepted stop } }`;

interface Cost {
  readonly perSecond: number;
  /** The cost of a report to the sender, the API and Redis. */
  readonly microseconds: { readonly sender: number; readonly api: number; readonly redis: number };
}

export async function tracked(bench: Bench): Promise<Section> {
  const server = await Server.start(bench, PLAYHEAD, {
    env: { PLAYHEAD_MAX_QUEUED_JOBS: '100000', PLAYHEAD_MAX_BODY_KB: '4096' },
  });
  const jobs = new TrackedJobs({ redis: bench.redis, keys: bench.keys });
  const count = bench.quick ? 500 : 10_000;
  const cost = (send: (at: number) => Promise<unknown>) => measure(bench, server, count, send);

  const own = await begin(jobs);
  const overRedis = await cost((at) => jobs.reportProgress(report(own, at, count)));
  const remote = await begin(jobs);
  const overHttp = await cost((at) => post(server, MUTATION, report(remote, at, count)));
  const queue = new Queue('tracked', { connection: bench.redis, prefix: `{${bench.prefix}-bull}` });
  const entry = await queue.add('task', {});
  const bull = await cost(async (at) => {
    const progress = at / count;
    await entry.updateProgress({ progress, message: `Frame ${at}` });
    await bench.redis.publish('tracked', JSON.stringify({ id: entry.id, progress, message: `Frame ${at}` }));
  });
  await queue.close();

  const all = await Promise.all(Array.from({ length: JOBS }, () => begin(jobs)));
  const seconds = bench.quick ? 2 : 10;
  const manyRedis = await load(bench, server, seconds, all, async (reports) => {
    await jobs.reportProgressMany(reports);
  });
  const manyHttp = await load(bench, server, seconds, all, (reports) => post(server, MANY, { reports }));
  await server.end();

  const row = (what: string, { microseconds, perSecond }: Cost) => ({
    what,
    value: `${Math.round(perSecond).toLocaleString('en')}/s; CPU ${inWords(microseconds)}`,
  });
  return {
    name: 'tracked',
    rows: [
      row('one job over Redis, one report after the other', overRedis),
      row('one job over HTTP, likewise', overHttp),
      row('BullMQ: updateProgress and PUBLISH, likewise', bull),
      row(`${JOBS} jobs over Redis, ${MAX_REPORTS} reports a call`, manyRedis),
      row(`${JOBS} jobs over HTTP, ${MAX_REPORTS} reports a request`, manyHttp),
    ],
    figures: { overRedis, overHttp, bull, manyRedis, manyHttp },
  };
}

function inWords({ api, redis, sender }: Cost['microseconds']): string {
  return `sender ${sender.toFixed(0)}, API ${api.toFixed(0)}, Redis ${redis.toFixed(0)} µs a report`;
}

function begin(jobs: TrackedJobs): Promise<Tracked> {
  return jobs.track({ projectId: PROJECT, taskName: 'task', leaseSeconds: 3_600 });
}

function report({ job, lease }: Tracked, at: number, count: number): ProgressInput {
  return { projectId: PROJECT, jobId: job.id, lease, progress: at / count, message: `Frame ${at}` };
}

async function post(server: Server, query: string, input: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

async function measure(
  bench: Bench,
  server: Server,
  count: number,
  send: (at: number) => Promise<unknown>,
): Promise<Cost> {
  for (let at = 0; at < count / 10; at += 1) await send(0);
  return costOf(bench, server, count, async () => {
    for (let at = 1; at <= count; at += 1) await send(at);
  });
}

/** Every job reports ten times a second; late reports are sent immediately. */
async function load(
  bench: Bench,
  server: Server,
  seconds: number,
  jobs: readonly Tracked[],
  send: (reports: readonly ProgressInput[]) => Promise<void>,
): Promise<Cost> {
  const rounds = seconds * PER_SECOND;
  return costOf(bench, server, rounds * jobs.length, async () => {
    const start = performance.now();
    for (let round = 1; round <= rounds; round += 1) {
      const reports = jobs.map((job) => report(job, round, rounds));
      const parts = Array.from({ length: jobs.length / MAX_REPORTS }, (_, part) =>
        send(reports.slice(part * MAX_REPORTS, (part + 1) * MAX_REPORTS)),
      );
      await Promise.all(parts);
      const wait = start + (round * 1_000) / PER_SECOND - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  });
}

async function costOf(bench: Bench, server: Server, count: number, work: () => Promise<void>): Promise<Cost> {
  const read = async () => {
    const { system, user } = process.cpuUsage();
    const info = await bench.redis.info('cpu');
    const seconds = (name: string): number =>
      Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)?.[1]);
    const redis = (seconds('user') + seconds('sys')) * 1e6;
    return { sender: user + system, api: (await server.usage()).cpuMicros, redis };
  };
  const before = await read();
  const start = performance.now();
  await work();
  const elapsed = (performance.now() - start) / 1_000;
  const after = await read();
  return {
    perSecond: count / elapsed,
    microseconds: {
      sender: (after.sender - before.sender) / count,
      api: (after.api - before.api) / count,
      redis: (after.redis - before.redis) / count,
    },
  };
}
