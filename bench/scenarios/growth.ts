/** What grows with the number of subscribers, of jobs in a project, and of events in its log: nothing may, per piece. */
import type { Redis } from 'ioredis';
import { JobStore } from '../../src/progress/job-store.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from '../../src/progress/log.ts';
import { type Bench, median, PLAYHEAD, Publisher, type Row, type Section, Server, Swarm } from '../driver.ts';

/** Least and most, to be compared; between them measured for the picture. */
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

/** Redis's own time for what `run` sends, in microseconds per call of `run`. */
async function redisMicros(redis: Redis, calls: number, run: () => Promise<unknown>): Promise<number> {
  for (let count = 0; count < 50; count += 1) await run();
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await redis.config('RESETSTAT');
    for (let count = 0; count < calls; count += 1) await run();
    const stats = await redis.info('commandstats');
    const spent = [...stats.matchAll(/cmdstat_(\w+):calls=\d+,usec=(\d+)/g)]
      // What a script or a transaction calls is counted with it and by itself.
      .filter(([, name = '']) => TOP_LEVEL.has(name))
      .reduce((sum, [, , usec]) => sum + Number(usec), 0);
    rounds.push(spent / calls);
  }
  // What disturbs a command (another process, a cold cache) only lengthens it: the least is the cost.
  return Math.min(...rounds);
}

const TOP_LEVEL = new Set(['evalsha', 'zrange', 'hmget', 'xrange']);

interface Costs {
  readonly append: Series;
  readonly listPage: Series;
}

async function withJobs(bench: Bench, sizes: readonly number[]): Promise<Costs> {
  const jobs = new JobStore(bench.redis, bench.keys);
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  const append: Record<number, number> = {};
  const listPage: Record<number, number> = {};
  let made = 1;
  for (const size of sizes) {
    while (made < size) {
      const count = Math.min(200, size - made);
      await Promise.all(
        Array.from({ length: count }, () => new Publisher(bench, PLAYHEAD, publisher.projectId).create()),
      );
      made += count;
    }
    append[size] = await redisMicros(bench.redis, 200, () => publisher.publish(1));
    listPage[size] = await redisMicros(bench.redis, 100, async () => {
      const ids = await jobs.list(publisher.projectId, {}, null, 10);
      await jobs.loadMany(ids.map((jobId) => ({ projectId: publisher.projectId, jobId })));
    });
  }
  return { append, listPage };
}

async function withLog(
  bench: Bench,
  sizes: readonly number[],
): Promise<{ append: Series; resumePage: Series }> {
  const log = new EventLog(bench.redis, bench.keys, { ...DEFAULT_LOG_SETTINGS, maxLength: 1_000_000 });
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  const append: Record<number, number> = {};
  const resumePage: Record<number, number> = {};
  let written = 2;
  for (const size of sizes) {
    for (; written < size; written += 100) await publisher.publish(Math.min(100, size - written));
    const head = await log.head(publisher.projectId);
    // A page of ten behind the middle.
    const seq = Math.max(1, Math.floor(head.seq / 2));
    const [from] = (await log.readFrom(publisher.projectId, seq, 1)).events;
    if (from === undefined) throw new Error('expected an event in the log');
    resumePage[size] = await redisMicros(bench.redis, 200, () => log.readAfter(publisher.projectId, from, 4));
    append[size] = await redisMicros(bench.redis, 100, () => publisher.publish(1));
    written = (await log.head(publisher.projectId)).seq;
  }
  return { append, resumePage };
}

export async function growth(bench: Bench): Promise<Section> {
  const subscribers = bench.quick ? [1, 500, 1_000] : [1, 10, 100, 500, 1_000, 2_000, 5_000];
  const delivery: Record<number, number> = {};
  for (const count of subscribers) delivery[count] = await perDelivery(bench, count);
  const jobs = await withJobs(bench, bench.quick ? [10, 1_000, 5_000] : [10, 1_000, 10_000, 100_000]);
  const log = await withLog(bench, [20, 1_000, 10_000]);
  return {
    name: 'growth',
    rows: [
      // One subscriber pays for the whole execution, so flat means: no more than at 500 from there on.
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
