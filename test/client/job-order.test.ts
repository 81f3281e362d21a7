/** What a cache ends with, in whatever order answers and events reach it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JobOrder } from '../../client/cache/job-order.ts';

interface State {
  readonly id: string;
  readonly version: number;
  readonly progress: number;
}

/** A cache that takes whatever comes last, as normalised caches do. */
class Cache {
  readonly jobs = new Map<string, State>();

  write(states: readonly State[]): void {
    for (const state of states) this.jobs.set(state.id, { ...this.jobs.get(state.id), ...state });
  }
}

/** A server with its jobs, a stream of their events, and answers that take their time. */
class World {
  readonly server = new Map<string, State>();
  readonly cache = new Cache();
  readonly #order = new JobOrder();
  #events: State[] = [];
  #answers: { readonly asked: number; readonly jobs: readonly State[] }[] = [];
  #marks = 0;

  /** Every state differs from any other, also from one of the same version in another history. */
  change(job: number): void {
    const id = `job ${job}`;
    this.#marks += 1;
    const state = { id, version: (this.server.get(id)?.version ?? 0) + 1, progress: this.#marks };
    this.server.set(id, state);
    this.#events.push(state);
  }

  ask(): void {
    this.#answers.push({ asked: this.#order.moment, jobs: [...this.server.values()] });
  }

  deliverEvent(): void {
    const state = this.#events.shift();
    if (state !== undefined)
      this.cache.write([this.#order.take({ jobEvents: { job: state } }).jobEvents.job]);
  }

  deliverAnswer(which: number): void {
    const [answer] = this.#answers.splice(which % Math.max(1, this.#answers.length), 1);
    if (answer === undefined) return;
    const edges = answer.jobs.map((node) => ({ node }));
    const data = this.#order.take({ jobs: { edges } }, answer.asked);
    this.cache.write(data.jobs.edges.map(({ node }) => node));
  }

  /** The history is lost, and states with it; a stream begins anew with what there is, and what is shown is asked for. */
  loseHistory(kept: number): void {
    for (const [id, state] of this.server) {
      this.#marks += 1;
      this.server.set(id, { id, version: Math.max(1, state.version - kept), progress: this.#marks });
    }
    this.#order.beginAnew();
    this.#events = [...this.server.values()];
    this.ask();
  }

  settle(): void {
    while (this.#events.length > 0) this.deliverEvent();
    while (this.#answers.length > 0) this.deliverAnswer(0);
  }
}

const ACTIONS = ['change', 'ask', 'deliverEvent', 'deliverAnswer', 'loseHistory'] as const;

test('any order of answers, events and lost histories ends in the server’s state', () => {
  const step = fc.tuple(fc.constantFrom(...ACTIONS), fc.nat({ max: 3 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const world = new World();
      for (const [what, which] of steps) world[what](which);
      world.settle();
      expect(world.cache.jobs).toEqual(world.server);
    }),
    { numRuns: 2_000 },
  );
});

test('an outdated job gets the fields that are known, wherever it stands; the rest is handed on as it is', () => {
  const order = new JobOrder();
  order.take({ jobEvents: { job: { id: 'a', version: 3, progress: 0.7, message: 'late' } } });
  const answer = {
    job: { id: 'batch', version: 1, items: [{ id: 'a', version: 2, progress: 0.1, title: 'A' }, null] },
    viewer: { scope: 'read' },
  };
  expect(order.take(answer)).toEqual({
    job: { id: 'batch', version: 1, items: [{ id: 'a', version: 3, progress: 0.7, title: 'A' }, null] },
    viewer: { scope: 'read' },
  });
  const newer = { job: { id: 'a', version: 4, progress: 0.9 } };
  expect(order.take(newer)).toBe(newer);
});

test('what a task tells in JSON of its own is no job, whatever it looks like', () => {
  const order = new JobOrder();
  const withModel = (version: number) => ({
    job: { id: 'a', version, metadata: { id: 'model', version: -version } },
  });
  order.take(withModel(1));
  const next = withModel(2);
  expect(order.take(next)).toBe(next);
  expect(order.take({ input: { id: 'a', version: 1 } })).toMatchObject({ input: { id: 'a', version: 2 } });
});
