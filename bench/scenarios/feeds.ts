/**
 * Memory for what an API process remembers about the projects that it follows: 2,000 projects with a subscriber and 1,000
 * events each. For comparison, a tenth of them without a limit. Redis needs about 2 GB for their logs.
 */
import { type Bench, PLAYHEAD, Publisher, type Section, Server, Swarm, sleep } from '../driver.ts';
import type { Usage } from '../measured-process.ts';

const EVENTS = 1_000;
const PADDING = 300;
/** Number of events at a time: few enough that none collapse for a slow client. */
const BURST = 100;
/** The number of projects that are written to concurrently. */
const AT_ONCE = 20;
const LIMIT_MB = 16;

interface Growth {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

async function measure(bench: Bench, projects: number, limitMb: number): Promise<Growth> {
  const env = { PLAYHEAD_FEED_MEMORY_MB: String(limitMb) };
  const [server, swarm] = [await Server.start(bench, PLAYHEAD, { env }), await Swarm.start(bench)];
  const publishers = Array.from({ length: projects }, () => {
    const publisher = new Publisher(bench, PLAYHEAD);
    publisher.paddingLength = PADDING;
    return publisher;
  });
  for (const { projectId } of publishers) await swarm.open(server, projectId, 1);
  // Send one event to each, so that all are subscribed before the measurement begins.
  for (const publisher of publishers) await publisher.begin();
  await swarm.settle(() => Promise.all(publishers.map((publisher) => publisher.publish(1))));
  const before = await calm(server);
  for (let sent = 0; sent < EVENTS; sent += BURST) await publishToAll(swarm, publishers);
  const after = await calm(server);
  await Promise.all([server.end(), swarm.end()]);
  return { rssBytes: after.rssBytes - before.rssBytes, heapBytes: after.heapBytes - before.heapBytes };
}

/** Publishes a burst to each project, and waits until every subscriber has it. */
async function publishToAll(swarm: Swarm, publishers: readonly Publisher[]): Promise<void> {
  const caughtUp = swarm.do({ do: 'expect', count: BURST });
  const waiting = [...publishers];
  const write = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.publish(BURST);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  await caughtUp;
}

async function calm(server: Server): Promise<Usage> {
  await server.usage(true);
  await sleep(500);
  return server.usage(true);
}

export async function feeds(bench: Bench): Promise<Section> {
  const many = bench.quick ? 50 : 2_000;
  const few = many / 10;
  const unlimited = await measure(bench, few, 100_000);
  const limited = await measure(bench, many, LIMIT_MB);
  const mb = ({ heapBytes, rssBytes }: Growth): string =>
    `${(heapBytes / 1e6).toFixed(1)} MB of heap, ${(rssBytes / 1e6).toFixed(0)} MB resident`;
  return {
    name: 'feeds',
    rows: [
      { what: `${few} projects of ${EVENTS} events, without a limit`, value: mb(unlimited) },
      {
        what: `${many} projects of ${EVENTS} events, with ${LIMIT_MB} MiB`,
        value: mb(limited),
        goal: 'heap at most three times the limit',
        met: limited.heapBytes <= 3 * LIMIT_MB * 1_048_576,
      },
    ],
    figures: { many, few, events: EVENTS, limited, unlimited },
  };
}
