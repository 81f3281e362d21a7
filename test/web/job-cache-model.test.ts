/** Whatever order answers, events, resumes and lost histories reach the page in, it ends with what the server has. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobFieldsFragment } from '../../web/generated/graphql.ts';
import { type ItemState, JobCache, type Moment } from '../../web/state/job-cache.ts';
import { hasEnded, type JobEvent } from '../../web/state/job-view.ts';
import { eventOf, jobState } from './job-states.ts';
import { batchResult } from './stand-in.ts';

type State = JobFieldsFragment;
type Change = (job: State, at: string) => Partial<State> | null;

const ERROR = { message: 'broken', code: 'TIMED_OUT', details: null, retryAfterSeconds: null, artifacts: [] };
const RESULT = batchResult({ total: 1, succeeded: 1, failed: 0, cancelled: 0 });

/** What may happen to a job on the server; null where it cannot. */
const CHANGES: readonly Change[] = [
  (job) => {
    if (job.status === 'QUEUED') return { status: 'RUNNING' };
    return job.status === 'RETRYING' ? { ...nextAttempt(job), status: 'RUNNING' } : null;
  },
  (job, at) => (job.status === 'RUNNING' ? { ...advance(job, at), progress: job.progress + 0.01 } : null),
  (job) => (job.status === 'RUNNING' ? { progress: job.progress + 0.01 } : null),
  (job, at) =>
    job.status === 'RUNNING' ? { status: 'RETRYING', error: ERROR, steps: closed(job, at) } : null,
  (job, at) => (hasEnded(job) ? null : { status: 'CANCELLED', ...failed(job, at) }),
  (job, at) => (job.status === 'RUNNING' ? { status: 'FAILED', ...failed(job, at) } : null),
  (job, at) => (job.status === 'RUNNING' ? completed(job, at) : null),
  (job) =>
    job.status === 'FAILED' || job.status === 'CANCELLED' ? { ...nextAttempt(job), status: 'QUEUED' } : null,
];

function nextAttempt(job: State): Partial<State> {
  const steps = job.steps.map((step) =>
    step.status === 'COMPLETED' ? step : { ...step, status: 'PENDING' as const },
  );
  const attempt = job.attempt + 1;
  const maxAttempts = Math.max(job.maxAttempts, attempt);
  return { attempt, maxAttempts, steps, step: null, progress: 0, error: null, finishedAt: null };
}

function advance(job: State, at: string): Partial<State> {
  const next = job.steps.findIndex(({ name }) => name === job.step) + 1;
  if (next >= job.steps.length) return {};
  const steps = job.steps.map((step, index) => {
    if (step.status === 'COMPLETED' || index > next) return step;
    if (index < next) return { ...step, status: 'COMPLETED' as const, finishedAt: at };
    return { ...step, status: 'RUNNING' as const, startedAt: at };
  });
  return { step: job.steps[next]?.name ?? null, steps };
}

function closed(job: State, finishedAt: string): State['steps'] {
  return job.steps.map((step) =>
    step.status === 'RUNNING' ? { ...step, status: 'FAILED' as const, finishedAt } : step,
  );
}

function failed(job: State, finishedAt: string): Partial<State> {
  return { error: ERROR, finishedAt, steps: closed(job, finishedAt) };
}

function completed(job: State, finishedAt: string): Partial<State> {
  const steps = job.steps.map((step) => ({ ...step, status: 'COMPLETED' as const, finishedAt }));
  return { status: 'COMPLETED', progress: 1, error: null, result: RESULT, finishedAt, steps };
}

const ITEMS = ['batch-0', 'batch-1'];
const IDS = ['single', 'batch', ...ITEMS];

function newJob(id: string): State {
  const names = id === 'batch' ? [] : ['start', 'work', 'save'];
  const steps = names.map((name) => ({
    ...{ name, from: 0, to: 1, status: 'PENDING' as const, startedAt: null, finishedAt: null },
  }));
  return jobState(id, { status: 'QUEUED', progress: 0, title: id, steps });
}

/** A server with its log, the page's stream of it, and answers that take their time. */
class World {
  /** The single job is made later, if at all. */
  readonly server = new Map<string, State>(['batch', ...ITEMS].map((id) => [id, newJob(id)]));
  readonly cache = new JobCache(() => {});
  /** The greatest version of each job that has come since the stream began anew. */
  readonly told = new Map<string, number>();
  #log: JobEvent[] = [];
  /** Events that the server no longer has. */
  #trimmed = 0;
  #connection: 'lost' | 'connecting' | 'open' = 'lost';
  #onTheirWay: { readonly event: JobEvent; readonly index: number }[] = [];
  #cursor: number | null = null;
  #answers: (() => void)[] = [];
  readonly #wanted = new Set<string>();
  #clock = 0;

  constructor() {
    // As the list does: not again while it is being asked for.
    this.cache.onUnknown = ({ job }) => {
      if (!this.#wanted.has(job.id)) this.#askJob(job.id);
      this.#wanted.add(job.id);
    };
    this.cache.onOutdated = (id) => this.#askJob(id);
    for (const id of this.server.keys()) this.#tell(id);
  }

  create(): void {
    if (this.server.has('single')) return;
    this.server.set('single', newJob('single'));
    this.#tell('single');
  }

  change(which: number, what: number): void {
    const id = IDS[which % IDS.length] as string;
    const job = this.server.get(id);
    const changed = job && CHANGES[what % CHANGES.length]?.(job, this.#now());
    if (job === undefined || changed == null) return;
    const message = `message ${this.#clock}`;
    this.server.set(id, { ...job, ...changed, message, version: job.version + 1 });
    this.#tell(id);
  }

  deliverEvent(): void {
    const next = this.#onTheirWay.shift();
    if (next === undefined) return;
    this.#cursor = next.index;
    this.#note(next.event.job);
    this.cache.apply(next.event, 0);
  }

  deliverAnswer(which: number): void {
    const [answer] = this.#answers.splice(which % Math.max(1, this.#answers.length), 1);
    answer?.();
  }

  askJob(which: number): void {
    this.#askJob(IDS[which % IDS.length] as string);
  }

  askList(): void {
    const asked = this.cache.moment;
    const jobs = ['single', 'batch'].flatMap((id) => this.server.get(id) ?? []);
    const items = ITEMS.map((id) => itemState(this.server.get(id) as State));
    this.#answers.push(() => {
      for (const job of jobs) this.#load({ ...job, items: job.id === 'batch' ? items : [] }, asked);
    });
  }

  cut(): void {
    this.#connection = 'lost';
    this.#onTheirWay = [];
  }

  /** What was asked while it connects is older than the stream. */
  connect(): void {
    if (this.#connection === 'open') return;
    if (this.#connection === 'lost') {
      // The server answers EVENTS_EXPIRED.
      if (this.#cursor !== null && this.#cursor < this.#trimmed) this.#cursor = null;
      if (this.#cursor === null) this.#beginAnew();
      this.#connection = 'connecting';
      return;
    }
    this.#connection = 'open';
    const all = this.#log.map((event, index) => ({ event, index }));
    if (this.#cursor !== null) {
      this.#onTheirWay = all.slice(this.#cursor + 1);
      return;
    }
    const isLatest = ({ event }: { readonly event: JobEvent }): boolean =>
      event.job.version === this.server.get(event.job.id)?.version && !hasEnded(event.job);
    this.#onTheirWay = all.slice(this.#trimmed).filter(isLatest);
    this.askList();
    for (const id of IDS) if (this.cache.get(id) !== undefined) this.#askJob(id);
  }

  /** The page is too slow: of a job's progress events in a row, only the newest comes. */
  collapse(): void {
    const isProgress = (event: JobEvent | undefined) => event?.__typename === 'ProgressEvent';
    this.#onTheirWay = this.#onTheirWay.filter(({ event }, at) => {
      const next = this.#onTheirWay.slice(at + 1).find((later) => later.event.job.id === event.job.id);
      return !(isProgress(event) && isProgress(next?.event));
    });
  }

  loseHistory(): void {
    this.cut();
    this.#trimmed = this.#log.length;
    for (const id of this.server.keys()) this.#tell(id);
  }

  /** The server is set back: another history with the same numbers. */
  restore(which: number, back: number): void {
    this.cut();
    this.#trimmed = this.#log.length;
    for (const [id, job] of this.server) {
      const version = Math.max(1, job.version - back - (which % 2));
      const steps = job.steps.map((step) => ({ ...step, status: 'PENDING' as const }));
      const attempt = Math.max(1, job.attempt - (which % 2));
      this.server.set(id, { ...newJob(id), version, attempt, steps, message: `restored ${this.#now()}` });
      this.#tell(id);
    }
  }

  settle(): void {
    while (this.#connection !== 'open') this.connect();
    while (this.#onTheirWay.length > 0) this.deliverEvent();
    while (this.#answers.length > 0) this.deliverAnswer(0);
  }

  #beginAnew(): void {
    this.told.clear();
    this.cache.beginAnew();
  }

  #note({ id, version }: ItemState): void {
    this.told.set(id, Math.max(version, this.told.get(id) ?? 0));
  }

  #load(job: State & { readonly items: readonly (State | ItemState)[] }, asked: Moment): void {
    if (asked === this.cache.moment) for (const one of [job, ...job.items]) this.#note(one);
    this.cache.load(job, 0, asked);
  }

  #now(): string {
    this.#clock += 1;
    return new Date(this.#clock * 1_000).toISOString();
  }

  #tell(id: string): void {
    const event = eventOf(this.server.get(id) as State, this.#now());
    this.#log.push(event);
    if (this.#connection === 'open') this.#onTheirWay.push({ event, index: this.#log.length - 1 });
  }

  #askJob(id: string): void {
    const asked = this.cache.moment;
    const job = this.server.get(id);
    if (job === undefined) return;
    const items = id === 'batch' ? ITEMS.map((item) => this.server.get(item) as State) : [];
    this.#answers.push(() => {
      this.#wanted.delete(id);
      this.#load({ ...job, items }, asked);
    });
  }
}

function itemState({ attempt, id, progress, status, version }: ItemState): ItemState {
  return { attempt, id, progress, status, version };
}

/** Of what no event tells, times follow from the events that came, and may be later. */
function shownOf(job: State | undefined): unknown {
  if (job === undefined) return undefined;
  const { job: told } = eventOf(job);
  const { maxAttempts, steps, title } = job;
  return { ...told, maxAttempts, title, steps: steps.map(({ status }) => status) };
}

const ACTIONS = [
  ...([
    'change',
    'change',
    'change',
    'deliverEvent',
    'deliverEvent',
    'deliverEvent',
    'deliverAnswer',
  ] as const),
  ...(['askJob', 'askJob', 'askList', 'create', 'connect', 'connect', 'connect', 'collapse'] as const),
  ...(['cut', 'loseHistory', 'restore'] as const),
];

type Step = [action: (typeof ACTIONS)[number], one: number, other: number];

/** What runs have found. */
const FOUND: readonly Step[][] = [
  // A list tells that an item has ended, and no event does.
  [
    ['connect', 0, 0],
    ['askJob', 3, 0],
    ['change', 1, 4],
    ['change', 3, 4],
  ],
];

test('any order of answers, events, resumes and lost histories ends in the server’s state, and takes nothing back', () => {
  const step = fc.tuple(fc.constantFrom(...ACTIONS), fc.nat({ max: 7 }), fc.nat({ max: 7 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const world = new World();
      const { cache, server, told } = world;
      for (const [what, one, other] of steps) {
        world[what](one, other);
        const isBack = ([id, version]: [string, number]) => (cache.item(id)?.version ?? version) < version;
        expect([...told].filter(isBack), what).toEqual([]);
      }
      world.settle();
      for (const [id, job] of server) {
        const shown = cache.item(id);
        expect(shown && itemState(shown)).toEqual(itemState(job));
        if (!ITEMS.includes(id) || cache.get(id) !== undefined)
          expect(shownOf(cache.get(id))).toEqual(shownOf(job));
      }
    }),
    { numRuns: 1_000, examples: FOUND.map((steps) => [steps]) },
  );
});
