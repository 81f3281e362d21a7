/** The API is killed with 1,000 subscribers, events continue, it comes back on the same port, and everyone resumes. */
import { type Bench, PLAYHEAD, Publisher, quantile, type Section, Server, Swarm } from '../driver.ts';

const CLIENTS = 1_000;
const MISSED = 200;

interface Track {
  readonly seqs: readonly number[];
}

export async function resume(bench: Bench): Promise<Section> {
  const swarm = await Swarm.start(bench);
  const killed = await Server.start(bench, PLAYHEAD);
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  await swarm.open(killed, publisher.projectId, CLIENTS, { resuming: true });
  await swarm.settle(() => publisher.publish(1));
  // Not all clients are at the same event when a server dies.
  void publisher.publish(50);
  await killed.kill();
  await publisher.publish(MISSED);
  const { seq } = await bench.log.head(publisher.projectId);
  const readsBefore = await bench.calls('xrange');
  const back = swarm.do<number[]>({ do: 'reconnect', port: killed.port, lastSeq: seq });
  const server = await Server.start(bench, PLAYHEAD, { port: killed.port });
  const returned = performance.timeOrigin + performance.now();
  const caughtUp = (await back).map((at) => Math.max(0, at - returned));
  const reads = (await bench.calls('xrange')) - readsBefore;
  const tracks = await swarm.do<Track[]>({ do: 'tracks' });
  const exact = tracks.filter(({ seqs }) => isGapless(seqs)).length;
  const usage = await server.usage();
  await Promise.all([server.end(), swarm.end()]);
  const p99 = quantile(caughtUp, 0.99);
  return {
    name: 'resume',
    rows: [
      {
        what: `99 % of ${CLIENTS} caught up after the API's return`,
        value: `${(p99 / 1_000).toFixed(2)} s`,
        goal: 'at most 5 s',
        met: p99 <= 5_000,
      },
      {
        what: 'log reads for all of them, in batches',
        value: String(reads),
        goal: `far below ${CLIENTS}: one per batch`,
        met: reads <= CLIENTS / 20,
      },
      {
        what: 'without a gap or a repeat',
        value: `${exact} of ${CLIENTS}`,
        goal: 'all',
        met: exact === CLIENTS,
      },
    ],
    figures: {
      clients: CLIENTS,
      missed: MISSED,
      p50Ms: quantile(caughtUp, 0.5),
      p99Ms: p99,
      reads,
      exact,
      usage,
    },
  };
}

export function isGapless(seqs: readonly number[]): boolean {
  return seqs.every((seq, index) => index === 0 || seq === (seqs[index - 1] ?? 0) + 1);
}
