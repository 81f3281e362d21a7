/** Whether unit costs grow with the number of subscribers, of jobs in a project, or of events in its log: none may. */

import type { Redis } from 'ioredis';
import { JobStore } from '../../src/log/job-store.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from '../../src/log/log.ts';
import { WORKFLOWS } from '../../test/setup/workflows.ts';
import { type Bench, median, PLAYHEAD, Publisher, type Row, type Section, Server, Swarm } from '../driver.ts';

/** The smallest and the largest size are compared; sizes in between are measured for illustration. */
type Series = Readonly<Record<number, number>>;

async function perDelivery(bench: Bench, clients: number): Promise<number> {
  const [server, swarm] = await Promise.all([Server.start(bench, PLAYHEAD), Swarm.start(bench)]);
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  await swarm.open(server, publisher.projectId, clients);
  await swarm.settle(() => publisher.publish(1));
  const deliver = async (): Promise<void> => {
    const done = swarm.do({ do: 'expect', count: 10 });
    await publisher.publish(10);
    await done;
  };
  const bursts = Math.max(5, Math.min(100, Math.round(20_000 / clients)));
  for (let count = 0; count < Math.min(30, bursts); count += 1) await deliver();
  const rounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = await server.usage();
    for (let count = 0; count < bursts; count += 1) await deliver();
    rounds.push(((await server.usage()).cpuMicros - before.cpuMicros) / (bursts * 10 * clients));
  }
  await Promise.all([server.end(), swarm.end()]);
  return median(rounds);
}

/**
 * Redis's own time for what each size's `run` sends, in microseconds per call. Measured alternately, in short rounds: the
 * machine's speed changes from second to second, which would look like growth.
 */
async function redisMicros(
  redis: Redis,
  calls: number,
  runs: Readonly<Record<number, () => Promise<unknown>>>,
): Promise<Series> {
  const least: Record<number, number> = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [size, run] of Object.entries(runs)) {
      for (let count = 0; count < calls / 5; count += 1) await run();
      await redis.config('RESETSTAT');
      for (let count = 0; count < calls; count += 1) await run();
      const stats = await redis.info('commandstats');
      const spent = [...stats.matchAll(/cmdstat_(\w+):calls=\d+,usec=(\d+)/g)]
        // Commands called by a script or a transaction are counted both with it and by themselves.
        .filter(([, name = '']) => TOP_LEVEL.has(name))
        .reduce((sum, [, , usec]) => sum + Number(usec), 0);
      // Disturbances (another process, a cold cache) only slow a command down: the minimum is its cost.
      least[Number(size)] = Math.min(least[Number(size)] ?? Number.POSITIVE_INFINITY, spent / calls);
    }
  }
  return least;
}

const ROUNDS = 8;
const TOP_LEVEL = new Set(['evalsha', 'zrange', 'hmget', 'xrange']);

interface Costs {
  readonly append: Series;
  readonly listPage: Series;
}

/** A project for each size, with that many jobs. */
async function withJobs(bench: Bench, sizes: readonly number[]): Promise<Costs> {
  const jobs = new JobStore(bench.redis, bench.keys, WORKFLOWS);
  const appends: Record<number, () => Promise<unknown>> = {};
  const pages: Record<number, () => Promise<unknown>> = {};
  for (const size of sizes) {
    const publisher = new Publisher(bench, PLAYHEAD);
    await publisher.begin();
    const { projectId } = publisher;
    for (let made = 1; made < size; made += 200) {
      const count = Math.min(200, size - made);
      await Promise.all(
        Array.from({ length: count }, () => new Publisher(bench, PLAYHEAD, projectId).create()),
      );
    }
    appends[size] = () => publisher.publish(1);
    pages[size] = async () => {
      const ids = await jobs.list(projectId, {}, null, 10);
      await jobs.loadMany(ids.map((jobId) => ({ projectId, jobId })));
    };
  }
  return {
    append: await redisMicros(bench.redis, 100, appends),
    listPage: await redisMicros(bench.redis, 50, pages),
  };
}

/** A project for each size, with that many events. */
async function withLog(
  bench: Bench,
  sizes: readonly number[],
): Promise<{ append: Series; resumePage: Series }> {
  const log = new EventLog(bench.redis, bench.keys, { ...DEFAULT_LOG_SETTINGS, maxLength: 1_000_000 });
  const appends: Record<number, () => Promise<unknown>> = {};
  const pages: Record<number, () => Promise<unknown>> = {};
  for (const size of sizes) {
    const publisher = new Publisher(bench, PLAYHEAD);
    await publisher.begin();
    const { projectId } = publisher;
    for (let written = 2; written < size; written += 100) {
      await publisher.publish(Math.min(100, size - written));
    }
    // A page of ten after the middle.
    const seq = Math.max(1, Math.floor((await log.head(projectId)).seq / 2));
    const [from] = (await log.readFrom(projectId, seq, 1)).events;
    if (from === undefined) throw new Error('expected an event in the log');
    appends[size] = () => publisher.publish(1);
    pages[size] = () => log.readAfter(projectId, from, 9);
  }
  const resumePage = await redisMicros(bench.redis, 100, pages);
  // Only a few calls, since every append makes the log longer.
  return { resumePage, append: await redisMicros(bench.redis, 25, appends) };
}

export async function growth(bench: Bench): Promise<Section> {
  const subscribers = bench.quick ? [1, 500, 1_000] : [1, 10, 100, 500, 1_000, 2_000, 5_000];
  const delivery: Record<number, number> = {};
  for (const count of subscribers) delivery[count] = await perDelivery(bench, count);
  const jobs = await withJobs(bench, bench.quick ? [10, 1_000, 2_000] : [10, 1_000, 10_000, 100_000]);
  const log = await withLog(bench, [20, 1_000, 10_000]);
  return {
    name: 'growth',
    rows: [
      // One subscriber pays for the whole execution, so flat means no more than at 500 from there on.
      toRow('CPU per delivery by subscribers', delivery, 500),
      toRow('Redis per append by jobs in the project', jobs.append, 10),
      toRow('Redis per list page by jobs in the project', jobs.listPage, 10),
      toRow('Redis per append by events in the log', log.append, 20),
      toRow('Redis per resume page by events in the log', log.resumePage, 20),
    ],
    figures: { delivery, jobs, log },
  };
}

function toRow(what: string, series: Series, from: number): Row {
  const entries = Object.entries(series).map(([size, micros]) => [Number(size), micros] as const);
  const first = series[from] ?? Number.NaN;
  const worst = Math.max(...entries.filter(([size]) => size >= from).map(([, micros]) => micros / first));
  const shown = entries.map(([size, micros]) => `${size}: ${micros.toFixed(1)}`).join(', ');
  return {
    what,
    value: `${shown} µs`,
    goal: `flat (at most 1.3x of that at ${from}; ${worst.toFixed(2)}x)`,
    met: worst <= 1.3,
  };
}
