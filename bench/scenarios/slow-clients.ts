/** 100 clients that stop reading alongside 900 that go on: memory, the others' latency, the cut, and the exact resume (G7). */
import { type Bench, PLAYHEAD, Publisher, quantile, type Section, Server, Swarm, sleep } from '../driver.ts';
import { ms } from './latency.ts';

interface Track {
  readonly seqs: readonly number[];
  readonly stalled: boolean;
  readonly closed: boolean;
}

/** The kernel buffers some MB for a client that does not read; large events fill that first. */
const PADDING_LENGTH = 100_000;
const MAX_EVENTS = 400;
const INTERVAL_MS = 50;
/** Seconds per stand, until the stalled clients are cut. */
const ROUNDS = 12;

/** A server with its clients and its project. */
class Stand {
  readonly server: Server;
  readonly swarm: Swarm;
  readonly publisher: Publisher;

  private constructor(server: Server, swarm: Swarm, publisher: Publisher) {
    this.server = server;
    this.swarm = swarm;
    this.publisher = publisher;
  }

  static async open(bench: Bench, clients: number): Promise<Stand> {
    const [server, swarm] = await Promise.all([Server.start(bench, PLAYHEAD), Swarm.start(bench)]);
    const publisher = new Publisher(bench, PLAYHEAD);
    await publisher.begin();
    await swarm.open(server, publisher.projectId, clients, { resuming: true });
    await swarm.settle(() => publisher.publish(1));
    return new Stand(server, swarm, publisher);
  }

  /** Sends large events until the server has `heldUp` sockets that accept nothing more. @returns the number of events sent */
  async fill(heldUp: number, most: number): Promise<number> {
    this.publisher.paddingLength = PADDING_LENGTH;
    let sent = 0;
    while (sent < most) {
      if (heldUp > 0 && sent % 10 === 0 && ((await this.server.usage()).counters['now'] ?? 0) >= heldUp)
        break;
      const done = this.swarm.do({ do: 'expect', count: 1 });
      await this.publisher.publish(1);
      await done;
      sent += 1;
    }
    this.publisher.paddingLength = 0;
    return sent;
  }

  /** The 99th percentile of the latency over one second of events. */
  async secondOf(): Promise<number> {
    await this.swarm.do({ do: 'latencies' });
    for (let sent = 0; sent < 1_000 / INTERVAL_MS; sent += 1) {
      void this.publisher.publish(1);
      await sleep(INTERVAL_MS);
    }
    return quantile(await this.swarm.do<number[]>({ do: 'latencies' }), 0.99);
  }

  async close(): Promise<void> {
    await Promise.all([this.server.end(), this.swarm.end()]);
  }
}

/**
 * Measures the two alternately, second by second, and takes the lower quartile of each: other work on the machine comes in
 * bursts, and hits sometimes one, sometimes the other.
 */
async function p99sByTurns(stands: readonly [Stand, Stand], rounds: number): Promise<[number, number]> {
  const p99s: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    p99s[0].push(await stands[0].secondOf());
    p99s[1].push(await stands[1].secondOf());
  }
  return [quantile(p99s[0], 0.25), quantile(p99s[1], 0.25)];
}

export async function slowClients(bench: Bench): Promise<Section> {
  const [healthyCount, stalledCount] = bench.quick ? [180, 20] : [900, 100];
  const tried = await Stand.open(bench, healthyCount + stalledCount);
  const control = await Stand.open(bench, healthyCount);
  const { server, swarm, publisher } = tried;
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
  const filled = await tried.fill(stalledCount, MAX_EVENTS);
  await control.fill(0, filled);
  const [beside, without] = await p99sByTurns([tried, control], ROUNDS);
  clearInterval(sampling);
  let after = await server.usage();
  for (let wait = 0; wait < 25 && (after.counters['cut'] ?? 0) < stalledCount; wait += 1) {
    await sleep(1_000);
    after = await server.usage();
  }
  await swarm.do({ do: 'unstall' });
  await sleep(2_000);
  const { seq } = await bench.log.head(publisher.projectId);
  await swarm.do({ do: 'reconnect', port: server.port, lastSeq: seq, stalledOnly: true });
  const tracks = await swarm.do<Track[]>({ do: 'tracks' });
  const whole = tracks.find(({ stalled }) => !stalled)?.seqs ?? [];
  const stalled = tracks.filter((track) => track.stalled);
  const exact = stalled.filter(({ seqs }) => String(seqs.slice(-whole.length)) === String(whole)).length;
  await Promise.all([tried.close(), control.close()]);

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
        what: `p99 of ${healthyCount} healthy: ${ms(without)} alone, ${ms(beside)} beside the stalled`,
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
