/**
 * Server CPU per delivered event: with the same query for all clients, in bursts and singly, and with distinct queries. Single
 * events are compared with bare ws in a duel of their own, since both pay for the same system call and differ in little else:
 * in each round one runs right after the other, in alternating order; the median of the rounds' ratios counts.
 */
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
  WITH_JOB,
} from '../driver.ts';

const CLIENTS = 500;
const ALL = [PLAYHEAD, WITH_JOB, RECIPE, APOLLO, GRAPHQL_WS, MERCURIUS, SOCKET_IO, BARE_WS];

interface Load {
  readonly burst: number;
  readonly bursts: number;
}

/** A contender with its clients, ready to be measured. */
class Stand {
  readonly name: string;
  readonly server: Server;
  readonly #swarm: Swarm;
  readonly #publisher: Publisher;

  private constructor(name: string, server: Server, swarm: Swarm, publisher: Publisher) {
    this.name = name;
    this.server = server;
    this.#swarm = swarm;
    this.#publisher = publisher;
  }

  static async open(bench: Bench, contender: Contender, distinct: boolean): Promise<Stand> {
    const [server, swarm] = await Promise.all([Server.start(bench, contender), Swarm.start(bench)]);
    const publisher = new Publisher(bench, contender);
    await publisher.begin();
    await swarm.open(server, publisher.projectId, CLIENTS, { distinct });
    await swarm.settle(() => publisher.publish(1));
    const stand = new Stand(contender.name, server, swarm, publisher);
    // The compiler needs several thousand calls to finish.
    for (let round = 0; round < (bench.quick ? 15 : 30); round += 1) await stand.#deliver(10);
    return stand;
  }

  /** In microseconds of CPU per delivered event. */
  async measure({ burst, bursts }: Load): Promise<number> {
    const before = await this.server.usage();
    for (let count = 0; count < bursts; count += 1) await this.#deliver(burst);
    const after = await this.server.usage();
    return (after.cpuMicros - before.cpuMicros) / (CLIENTS * burst * bursts);
  }

  async #deliver(count: number): Promise<void> {
    const done = this.#swarm.do({ do: 'expect', count });
    await this.#publisher.publish(count);
    await done;
  }

  async close(): Promise<void> {
    await Promise.all([this.server.end(), this.#swarm.end()]);
  }
}

interface Turns {
  readonly distinct?: boolean;
  readonly rounds?: number;
  /** Called with every server once its clients are there. */
  readonly onOpen?: (server: Server) => void;
}

/**
 * Measures alternately, in short rounds: the machine's speed changes from minute to minute, the ratio does not.
 * @returns microseconds of CPU per delivered event, by contender and load, one per round
 */
export async function measureByTurns(
  bench: Bench,
  contenders: readonly Contender[],
  loads: readonly Load[],
  { distinct = false, rounds = bench.quick ? 3 : 9, onOpen = () => {} }: Turns = {},
): Promise<Record<string, number[][]>> {
  const stands: Stand[] = [];
  for (const contender of contenders) {
    const stand = await Stand.open(bench, contender, distinct);
    onOpen(stand.server);
    stands.push(stand);
  }
  const results: Record<string, number[][]> = {};
  for (const { name } of stands) results[name] = loads.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, load] of loads.entries()) {
      for (const stand of stands) results[stand.name]?.[index]?.push(await stand.measure(load));
    }
    stands.reverse();
  }
  await Promise.all(stands.map((stand) => stand.close()));
  return results;
}

type Figures = Record<string, { bursts: number; singles: number; distinct?: number; rounds: number[][] }>;

export async function fanout(bench: Bench): Promise<Section> {
  const loads = [
    { burst: 10, bursts: 10 },
    { burst: 1, bursts: 40 },
  ];
  const contenders = bench.quick ? [PLAYHEAD, WITH_JOB, RECIPE, BARE_WS] : ALL;
  const figures: Figures = {};
  for (const [name, rounds] of Object.entries(await measureByTurns(bench, contenders, loads))) {
    const [bursts = [], singles = []] = rounds;
    figures[name] = { bursts: median(bursts), singles: median(singles), rounds };
  }
  // A quick run uses only the rounds alongside the others: the duel would take another quarter of a minute.
  const duel = bench.quick
    ? {}
    : await measureByTurns(bench, [PLAYHEAD, BARE_WS], loads.slice(1), { rounds: 25 });
  const singlesOf = ({ name }: Contender) => duel[name]?.[0] ?? figures[name]?.rounds[1] ?? [];
  const single = median(ratios(singlesOf(PLAYHEAD), singlesOf(BARE_WS)));
  const apart = [{ burst: 1, bursts: 15 }];
  for (const [name, rounds] of Object.entries(
    await measureByTurns(bench, [PLAYHEAD, RECIPE], apart, { distinct: true }),
  )) {
    Object.assign(figures[name] ?? {}, { distinct: median(rounds[0] ?? []) });
  }
  return {
    name: 'fanout',
    rows: toRows(figures, single),
    figures: { clients: CLIENTS, cpuMicrosPerDelivery: figures, duel },
  };
}

function ratios(mine: readonly number[], others: readonly number[]): number[] {
  return mine.map((value, round) => value / (others[round] ?? Number.NaN));
}

/** @param single the ratio from the duel with bare ws */
function toRows(
  figures: Readonly<Record<string, { bursts: number; singles: number; distinct?: number }>>,
  single: number,
): readonly Row[] {
  const none = { bursts: Number.NaN, singles: Number.NaN, distinct: Number.NaN };
  const ours = { ...none, ...figures[PLAYHEAD.name] };
  const recipe = { ...none, ...figures[RECIPE.name] };
  const bare = figures[BARE_WS.name] ?? none;
  const withJob = { ...none, ...figures[WITH_JOB.name] };
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
    ratio('single events: of bare ws', single, 1, 1, 'at most 1'),
    ratio('bursts of 10: with the job, of those without', withJob.bursts, ours.bursts, 1.15, 'at most 1.15'),
    ratio(
      'single events: with the job, of those without',
      withJob.singles,
      ours.singles,
      1.15,
      'at most 1.15',
    ),
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
