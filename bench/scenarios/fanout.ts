/** Server CPU per delivered event: everyone asks the same in bursts and singly, and everyone something else. */
import {
  APOLLO,
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
} from '../driver.ts';

const CLIENTS = 500;
const ALL = [PLAYHEAD, RECIPE, APOLLO, GRAPHQL_WS, MERCURIUS, SOCKET_IO, BARE_WS];

interface Load {
  readonly burst: number;
  readonly bursts: number;
  readonly distinct?: boolean;
}

/** Microseconds of CPU per delivered event, once per round. */
async function measure(bench: Bench, contender: Contender, loads: readonly Load[]): Promise<number[][]> {
  const distinct = loads[0]?.distinct ?? false;
  const [server, swarm] = await Promise.all([Server.start(bench, contender), Swarm.start(bench)]);
  const publisher = new Publisher(bench, contender);
  await publisher.begin();
  await swarm.open(server, publisher.projectId, CLIENTS, { distinct });
  await swarm.settle(() => publisher.publish(1));
  const deliver = async (count: number): Promise<void> => {
    const done = swarm.do({ do: 'expect', count });
    await publisher.publish(count);
    await done;
  };
  // The compiler needs some thousand calls to be done with.
  for (let round = 0; round < (bench.quick ? 15 : 30); round += 1) await deliver(10);
  const results: number[][] = loads.map(() => []);
  for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
    for (const [index, { burst, bursts }] of loads.entries()) {
      const before = await server.usage();
      for (let count = 0; count < bursts; count += 1) await deliver(burst);
      const after = await server.usage();
      results[index]?.push((after.cpuMicros - before.cpuMicros) / (CLIENTS * burst * bursts));
    }
  }
  await Promise.all([server.end(), swarm.end()]);
  return results;
}

export async function fanout(bench: Bench): Promise<Section> {
  const scale = bench.quick ? 1 : 2;
  const loads = [
    { burst: 10, bursts: 20 * scale },
    { burst: 1, bursts: 60 * scale },
  ];
  const contenders = bench.quick ? [PLAYHEAD, RECIPE, BARE_WS] : ALL;
  const figures: Record<string, { bursts: number; singles: number; distinct?: number; rounds: number[][] }> =
    {};
  for (const contender of contenders) {
    const rounds = await measure(bench, contender, loads);
    const [bursts = [], singles = []] = rounds;
    figures[contender.name] = { bursts: median(bursts), singles: median(singles), rounds };
  }
  for (const contender of [PLAYHEAD, RECIPE]) {
    const [distinct = []] = await measure(bench, contender, [
      { burst: 1, bursts: 20 * scale, distinct: true },
    ]);
    Object.assign(figures[contender.name] ?? {}, { distinct: median(distinct) });
  }
  return {
    name: 'fanout',
    rows: toRows(figures),
    figures: { clients: CLIENTS, cpuMicrosPerDelivery: figures },
  };
}

function toRows(
  figures: Readonly<Record<string, { bursts: number; singles: number; distinct?: number }>>,
): readonly Row[] {
  const none = { bursts: Number.NaN, singles: Number.NaN, distinct: Number.NaN };
  const ours = { ...none, ...figures[PLAYHEAD.name] };
  const recipe = { ...none, ...figures[RECIPE.name] };
  const bare = figures[BARE_WS.name] ?? none;
  const rows = Object.entries(figures).map(([name, { bursts, singles }]): Row => {
    return { what: `CPU per delivery, ${name}`, value: `bursts ${us(bursts)}, singly ${us(singles)}` };
  });
  const ratio = (what: string, mine: number, other: number, limit: number, goal: string): Row => {
    return { what, value: (mine / other).toFixed(3), goal, met: mine / other <= limit };
  };
  return [
    ...rows,
    ratio('bursts of 10: of the recipe', ours.bursts, recipe.bursts, 1 / 20, 'at most 0.05'),
    ratio('bursts of 10: of bare ws', ours.bursts, bare.bursts, 1 / 4, 'at most 0.25'),
    ratio('single events: of bare ws', ours.singles, bare.singles, 1, 'at most 1'),
    ratio(
      `500 different queries: ${us(ours.distinct)} of ${us(recipe.distinct)}`,
      ours.distinct,
      recipe.distinct,
      1,
      'at most 1',
    ),
  ];
}

function us(micros: number): string {
  return `${micros.toFixed(2)} µs`;
}
