/** From a worker's update() to a client's receipt: 1,000 subscribers, 20 events a second, compared with bare Pub/Sub + ws. */
import { systemClock } from '../../src/core/clock.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import {
  BARE_WS,
  type Bench,
  type Contender,
  PLAYHEAD,
  Publisher,
  quantile,
  type Row,
  type Section,
  Server,
  Swarm,
  silentLogger,
  sleep,
} from '../driver.ts';

const CLIENTS = 1_000;
const INTERVAL_MS = 50;

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

export function toQuantiles(values: readonly number[]): Quantiles {
  return {
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
    count: values.length,
  };
}

/** Reports as workers do: through trackers, each of which publishes at most 10 events a second. */
function createReporter(bench: Bench, publisher: Publisher): () => void {
  let count = 0;
  const tracker = new ProgressTracker(publisher.state, {
    log: bench.log,
    clock: systemClock,
    logger: silentLogger,
    onRefused: (refusal) => {
      throw new Error(refusal);
    },
    minIntervalMs: 0,
  });
  return () => {
    count += 1;
    tracker.update((count % 1_000) / 1_000, 'processing', publisher.message(), {
      current_clip: 3,
      total_clips: 10,
    });
  };
}

async function measure(bench: Bench, contender: Contender, events: number): Promise<Quantiles> {
  const [server, swarm] = await Promise.all([Server.start(bench, contender), Swarm.start(bench)]);
  const publisher = new Publisher(bench, contender);
  await publisher.begin();
  const report = contender === PLAYHEAD ? createReporter(bench, publisher) : () => void publisher.publish(1);
  await swarm.open(server, publisher.projectId, CLIENTS);
  await swarm.settle(() => publisher.publish(1));
  const run = async (count: number): Promise<number[]> => {
    await swarm.do({ do: 'latencies' });
    const done = swarm.do({ do: 'expect', count });
    for (let sent = 0; sent < count; sent += 1) {
      report();
      await sleep(INTERVAL_MS);
    }
    await done;
    return swarm.do<number[]>({ do: 'latencies' });
  };
  await run(20);
  const latencies = await run(events);
  await Promise.all([server.end(), swarm.end()]);
  return toQuantiles(latencies);
}

export async function latency(bench: Bench): Promise<Section> {
  const events = bench.quick ? 60 : 300;
  const figures: Record<string, Quantiles> = {};
  // Other work on the machine comes and goes, so measure alternately and take the better of two.
  for (let round = 0; round < (bench.quick ? 1 : 2); round += 1) {
    for (const contender of [BARE_WS, PLAYHEAD]) {
      const measured = await measure(bench, contender, events);
      const earlier = figures[contender.name];
      if (earlier === undefined || measured.p99 < earlier.p99) figures[contender.name] = measured;
    }
  }
  const rows: Row[] = Object.entries(figures).map(([name, { p50, p95, p99 }]) => {
    return { what: name, value: `p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}` };
  });
  const ratio = (figures[PLAYHEAD.name]?.p99 ?? Number.NaN) / (figures[BARE_WS.name]?.p99 ?? Number.NaN);
  rows.push({
    what: 'p99: of bare Pub/Sub + ws',
    value: ratio.toFixed(2),
    goal: 'at most 2',
    met: ratio <= 2,
  });
  return {
    name: 'latency',
    rows,
    figures: { clients: CLIENTS, eventsPerSecond: 1_000 / INTERVAL_MS, ms: figures },
  };
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
