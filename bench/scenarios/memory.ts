/**
 * Memory of an idle subscription, measured with 5,000 of them on one project: the growth of the server's resident memory, with
 * garbage collection before and after, divided by their number. How much a process has returned to the system at a given moment
 * varies by some 8 MB, so the two contenders are measured three times, alternately, each in a new process; the median counts.
 */
import {
  BARE_WS,
  type Bench,
  type Contender,
  GRAPHQL_WS,
  MERCURIUS,
  median,
  PLAYHEAD,
  Publisher,
  RECIPE,
  type Row,
  type Section,
  Server,
  SOCKET_IO,
  Swarm,
  sleep,
} from '../driver.ts';
import type { Usage } from '../measured-process.ts';

const CLIENTS = 5_000;
const COMPARED = [PLAYHEAD, BARE_WS];
const ONCE = [RECIPE, GRAPHQL_WS, MERCURIUS, SOCKET_IO];
const ROUNDS = 3;
/** Time between two collections, for memory that is freed off the main thread. */
const REST_MS = 500;

interface PerSubscription {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

async function measure(bench: Bench, contender: Contender): Promise<PerSubscription> {
  const [server, swarm, first] = [
    await Server.start(bench, contender),
    await Swarm.start(bench),
    await Swarm.start(bench),
  ];
  const publisher = new Publisher(bench, contender);
  await publisher.begin();
  // Code loaded and compiled for the first subscriber is not part of a subscription's cost.
  await first.open(server, publisher.projectId, 50);
  await first.settle(() => publisher.publish(1));
  const before = await calm(server);
  await swarm.open(server, publisher.projectId, CLIENTS);
  await swarm.settle(() => publisher.publish(1));
  // Wait past the time limit for the handshake, so that its timers are gone.
  await sleep(3_500);
  const after = await calm(server);
  await Promise.all([server.end(), swarm.end(), first.end()]);
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / CLIENTS,
    heapBytes: (after.heapBytes - before.heapBytes) / CLIENTS,
  };
}

/** The usage when nothing is left to collect. */
async function calm(server: Server): Promise<Usage> {
  await server.usage(true);
  await sleep(REST_MS);
  return server.usage(true);
}

export async function memory(bench: Bench): Promise<Section> {
  const rounds: Record<string, PerSubscription[]> = {};
  const take = async (contender: Contender): Promise<void> => {
    const { name } = contender;
    rounds[name] = [...(rounds[name] ?? []), await measure(bench, contender)];
  };
  for (let round = 0; round < (bench.quick ? 1 : ROUNDS); round += 1) {
    for (const contender of COMPARED) await take(contender);
  }
  for (const contender of bench.quick ? [] : ONCE) await take(contender);
  const figures = Object.fromEntries(
    Object.entries(rounds).map(([name, taken]): [string, PerSubscription] => [
      name,
      {
        rssBytes: median(taken.map(({ rssBytes }) => rssBytes)),
        heapBytes: median(taken.map(({ heapBytes }) => heapBytes)),
      },
    ]),
  );
  const [ours, bare] = [figures[PLAYHEAD.name], figures[BARE_WS.name]];
  const ratio = (ours?.rssBytes ?? Number.NaN) / (bare?.rssBytes ?? Number.NaN);
  const rows: Row[] = Object.entries(figures).map(([name, { rssBytes, heapBytes }]) => {
    return { what: name, value: `${kb(rssBytes)} resident, ${kb(heapBytes)} of heap` };
  });
  rows.push({ what: 'resident: of bare ws', value: ratio.toFixed(2), goal: 'at most 1', met: ratio <= 1 });
  return { name: 'memory', rows, figures: { clients: CLIENTS, perSubscription: figures, rounds } };
}

function kb(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
