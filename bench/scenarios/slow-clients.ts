/** 100 clients that stop reading beside 900 that go on: memory, the others' latency, the cut, and the exact resume (G7). */
import {
  type Bench,
  median,
  PLAYHEAD,
  Publisher,
  quantile,
  type Section,
  Server,
  Swarm,
  sleep,
} from '../driver.ts';
import { ms } from './latency.ts';

interface Track {
  readonly seqs: readonly number[];
  readonly stalled: boolean;
  readonly closed: boolean;
}

/** The kernel takes some MB for a client that does not read; large events fill that first. */
const FILLING = { paddingLength: 100_000, events: 90 };
const INTERVAL_MS = 50;
/** Until the stalled are cut. */
const SECONDS = 25;

async function publishFor(publisher: Publisher, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    void publisher.publish(1);
    await sleep(INTERVAL_MS);
  }
}

/** The median of the p99 of each second, since whatever else the machine does comes in bursts. */
async function p99Of(publisher: Publisher, swarm: Swarm, seconds: number): Promise<number> {
  const p99s: number[] = [];
  await swarm.do({ do: 'latencies' });
  for (let second = 0; second < seconds; second += 1) {
    await publishFor(publisher, 1_000 / INTERVAL_MS);
    p99s.push(quantile(await swarm.do<number[]>({ do: 'latencies' }), 0.99));
  }
  return median(p99s);
}

export async function slowClients(bench: Bench): Promise<Section> {
  const [healthyCount, stalledCount] = bench.quick ? [180, 20] : [900, 100];
  const [server, swarm] = await Promise.all([Server.start(bench, PLAYHEAD), Swarm.start(bench)]);
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  await swarm.open(server, publisher.projectId, healthyCount + stalledCount, { resuming: true });
  await swarm.settle(() => publisher.publish(1));
  await publishFor(publisher, 30);
  const without = await p99Of(publisher, swarm, 8);
  const before = await server.usage(true);
  await swarm.do({ do: 'stall', count: stalledCount });
  await swarm.do({ do: 'rebase' });
  let most = 0;
  const sampling = setInterval(() => {
    server.usage().then(
      ({ rssBytes }) => {
        most = Math.max(most, rssBytes);
      },
      () => undefined,
    );
  }, 500);
  publisher.paddingLength = FILLING.paddingLength;
  for (let sent = 0; sent < FILLING.events; sent += 1) {
    const done = swarm.do({ do: 'expect', count: 1 });
    await publisher.publish(1);
    await done;
  }
  publisher.paddingLength = 0;
  const beside = await p99Of(publisher, swarm, SECONDS);
  clearInterval(sampling);
  const after = await server.usage();
  await swarm.do({ do: 'unstall' });
  await sleep(2_000);
  const { seq } = await bench.log.head(publisher.projectId);
  await swarm.do({ do: 'reconnect', port: server.port, lastSeq: seq, stalledOnly: true });
  const tracks = await swarm.do<Track[]>({ do: 'tracks' });
  const whole = tracks.find(({ stalled }) => !stalled)?.seqs ?? [];
  const stalled = tracks.filter((track) => track.stalled);
  const exact = stalled.filter(({ seqs }) => String(seqs.slice(-whole.length)) === String(whole)).length;
  await Promise.all([server.end(), swarm.end()]);

  const growth = (most - before.rssBytes) / 2 ** 20;
  const ratio = beside / without;
  const { cut = 0, longestMs = Number.NaN } = after.counters;
  return {
    name: 'slow-clients',
    rows: [
      {
        what: `RSS growth with ${stalledCount} stalled`,
        value: `${growth.toFixed(0)} MB`,
        goal: 'at most 100 MB',
        met: growth <= 100,
      },
      {
        what: `p99 of the ${healthyCount} healthy: ${ms(without)}, then ${ms(beside)}`,
        value: ratio.toFixed(2),
        goal: 'at most 1.25',
        met: ratio <= 1.25,
      },
      {
        what: 'cut, and the longest that one was held up',
        value: `${cut} of ${stalledCount}, ${(longestMs / 1_000).toFixed(1)} s`,
        goal: 'all within 25 s',
        met: cut === stalledCount && longestMs <= 25_000,
      },
      {
        what: 'resumed exactly',
        value: `${exact} of ${stalledCount}`,
        goal: 'all',
        met: exact === stalledCount,
      },
    ],
    figures: {
      healthyCount,
      stalledCount,
      p99MsWithout: without,
      p99MsBeside: beside,
      growthMiB: growth,
      cut,
      longestMs,
      exact,
    },
  };
}
