/**
 * Memory of what an API process remembers of the projects that it follows: 2,000 projects with a subscriber and 1,000 events each.
 * Beside it the same with as much memory allowed as the events take, which is what each project kept for itself before there
 * was a limit.
 */
import { type Bench, PLAYHEAD, Publisher, type Section, Server, Swarm, sleep } from '../driver.ts';
import type { Usage } from '../measured-process.ts';

const EVENTS = 1_000;
const PADDING = 300;
/** Projects that are written to at the same time. */
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
  await swarm.do({ do: 'rebase' });
  const before = await calm(server);
  const caughtUp = swarm.do({ do: 'expect', count: EVENTS });
  const waiting = [...publishers];
  const write = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await next.begin();
      for (let left = EVENTS - 2; left > 0; left -= 100) await next.publish(Math.min(left, 100));
      await bench.redis.unlink(bench.keys.project(next.projectId).log);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, write));
  await caughtUp;
  const after = await calm(server);
  await Promise.all([server.end(), swarm.end()]);
  return { rssBytes: after.rssBytes - before.rssBytes, heapBytes: after.heapBytes - before.heapBytes };
}

async function calm(server: Server): Promise<Usage> {
  await server.usage(true);
  await sleep(500);
  return server.usage(true);
}

export async function feeds(bench: Bench): Promise<Section> {
  const projects = bench.quick ? 200 : 2_000;
  const limited = await measure(bench, projects, LIMIT_MB);
  const unlimited = await measure(bench, projects, 100_000);
  const mb = ({ heapBytes, rssBytes }: Growth): string =>
    `${(heapBytes / 1e6).toFixed(0)} MB of heap, ${(rssBytes / 1e6).toFixed(0)} MB resident`;
  const most = 2 * LIMIT_MB * 1_048_576;
  const what = `${projects} projects of ${EVENTS} events`;
  return {
    name: 'feeds',
    rows: [
      { what: `${what}, remembered without a limit`, value: mb(unlimited) },
      {
        what: `${what}, with ${LIMIT_MB} MiB (default)`,
        value: mb(limited),
        goal: 'heap at most twice the limit',
        met: limited.heapBytes <= most,
      },
    ],
    figures: { projects, events: EVENTS, limited, unlimited },
  };
}
