/**
 * Puts the states of jobs in order before a cache gets them. The answer to a query may overtake an event, or be overtaken by
 * one; `Job.version` tells which is the later state. A normalised cache takes whatever comes last, so results go through here
 * first: of a job that is known in a later state, that state is given instead.
 *
 * It works on results as they come, so one and the same does for Apollo Client (in a link), urql (in an exchange) and Relay
 * (in its network function). Jobs are recognised by their fields `id` and `version`, under their own names.
 */

/** When something was asked: what `moment` said before the request was sent. */
export type Moment = number;

/** Jobs whose states are remembered; over it, those that changed longest ago are forgotten. */
const MAX_JOBS = 20_000;
/** Jobs that events told of first; a list that is asked for anew has them, unless it was asked for just before. */
const MAX_NEW = 200;

/** What is in them is the user's own JSON, in which something may look like a job. */
const OPAQUE = new Set(['metadata', 'input', 'data', 'details']);

type Fields = Readonly<Record<string, unknown>>;
export type KnownJob = Fields & { readonly id: string; readonly version: number };

export class JobOrder {
  readonly #known = new Map<string, KnownJob>();
  readonly #new = new Set<string>();
  #moment: Moment = 0;

  /** To be read before a query or mutation is sent, and given with its answer. */
  get moment(): Moment {
    return this.#moment;
  }

  /**
   * A stream begins anew (`onAnew`, after EVENTS_EXPIRED): versions count within one history, so what is known is forgotten.
   * Query again what you show.
   */
  beginAnew(): void {
    this.#known.clear();
    this.#new.clear();
    this.#moment += 1;
  }

  /**
   * The data of a result with each job in the latest state that is known; the same object where nothing is to be changed.
   * @param asked left out for events, which are always of the present history
   */
  take<Data>(data: Data, asked?: Moment): Data {
    return this.#walk(data, asked, true) as Data;
  }

  /** The newest jobs that events told of first: an answer on its way may be too old to list them. */
  get newJobs(): readonly KnownJob[] {
    return [...this.#new].flatMap((id) => this.#known.get(id) ?? []);
  }

  /** @param isRoot its fields may have any name: they are the operation's own */
  #walk(value: unknown, asked: Moment | undefined, isRoot = false): unknown {
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#walk(item, asked));
      return items.some((item, at) => item !== value[at]) ? items : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(
      ([name, field]) => [name, OPAQUE.has(name) && !isRoot ? field : this.#walk(field, asked)] as const,
    );
    const isChanged = entries.some(([name, field]) => field !== (value as Fields)[name]);
    const fields: Fields = isChanged ? Object.fromEntries(entries) : (value as Fields);
    return isJob(fields) ? this.#order(fields, asked) : fields;
  }

  /** @param asked undefined: an event tells it */
  #order(job: KnownJob, asked: Moment | undefined): KnownJob {
    const known = this.#known.get(job.id);
    if (asked === undefined && known === undefined) this.#noteNew(job.id);
    const isOfEarlierHistory = asked !== undefined && asked !== this.#moment;
    if (known !== undefined && (isOfEarlierHistory || known.version > job.version)) return latest(job, known);
    if (isOfEarlierHistory) return job;
    this.#known.delete(job.id);
    this.#known.set(job.id, known?.version === job.version ? { ...known, ...job } : job);
    if (this.#known.size > MAX_JOBS) this.#forgetOldest();
    return job;
  }

  #noteNew(id: string): void {
    this.#new.add(id);
    const [oldest] = this.#new;
    if (this.#new.size > MAX_NEW && oldest !== undefined) this.#new.delete(oldest);
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

function isJob(fields: Fields): fields is KnownJob {
  return typeof fields['id'] === 'string' && typeof fields['version'] === 'number';
}

/** The fields that were asked for, in the state that is known; what is not known of it stays. */
function latest(job: KnownJob, known: KnownJob): KnownJob {
  const fields = Object.keys(job).map((name) => [name, name in known ? known[name] : job[name]]);
  return Object.fromEntries(fields) as KnownJob;
}
