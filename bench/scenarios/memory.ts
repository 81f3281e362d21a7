/** Memory of an idle subscription, by 5,000 of them on one project. */
import {
  BARE_WS,
  type Bench,
  type Contender,
  GRAPHQL_WS,
  MERCURIUS,
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

const CLIENTS = 5_000;
const ALL = [PLAYHEAD, RECIPE, GRAPHQL_WS, MERCURIUS, SOCKET_IO, BARE_WS];

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
  // What the first subscriber loads and compiles is not part of a subscription.
  await first.open(server, publisher.projectId, 50);
  await first.settle(() => publisher.publish(1));
  await server.usage(true);
  const before = await server.usage(true);
  await swarm.open(server, publisher.projectId, CLIENTS);
  await swarm.settle(() => publisher.publish(1));
  // Past the time limit for the handshake, whose timers are gone then.
  await sleep(3_500);
  await server.usage(true);
  const after = await server.usage(true);
  await Promise.all([server.end(), swarm.end(), first.end()]);
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / CLIENTS,
    heapBytes: (after.heapBytes - before.heapBytes) / CLIENTS,
  };
}

export async function memory(bench: Bench): Promise<Section> {
  const figures: Record<string, PerSubscription> = {};
  for (const contender of bench.quick ? [PLAYHEAD, RECIPE, BARE_WS] : ALL) {
    figures[contender.name] = await measure(bench, contender);
  }
  const [ours, bare] = [figures[PLAYHEAD.name], figures[BARE_WS.name]];
  const ratio = (ours?.rssBytes ?? Number.NaN) / (bare?.rssBytes ?? Number.NaN);
  const rows: Row[] = Object.entries(figures).map(([name, { rssBytes, heapBytes }]) => {
    return { what: name, value: `${kb(rssBytes)} resident, ${kb(heapBytes)} of heap` };
  });
  rows.push({ what: 'resident: of bare ws', value: ratio.toFixed(2), goal: 'at most 1', met: ratio <= 1 });
  return { name: 'memory', rows, figures: { clients: CLIENTS, perSubscription: figures } };
}

function kb(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
