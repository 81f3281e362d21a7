/**
 * Orders the states of jobs before a cache gets them. The answer to a query may overtake an event, or be overtaken by one;
 * `Job.version` tells which state is later. A normalised cache keeps whatever comes last, so results pass through here first:
 * if a later state of a job is known, it replaces the one in the result.
 *
 * It works on raw results, so the same class serves Apollo Client (in a link), urql (in an exchange) and Relay (in its network
 * function). Jobs are recognised by their fields `id` and `version`, under their own names.
 */

/** When something was requested: the value of `moment` before the request was sent. */
export type Moment = number;

/** How many jobs' states are remembered; beyond that, those that changed longest ago are forgotten. */
const MAX_JOBS = 20_000;
/** How many jobs first seen in events are remembered; a list requested later has them, unless it was requested just before. */
const MAX_NEW = 200;

/** These fields hold the user's own JSON, in which something may look like a job. */
const OPAQUE = new Set(['metadata', 'input', 'data', 'details']);

type Fields = Readonly<Record<string, unknown>>;
export type KnownJob = Fields & { readonly id: string; readonly version: number };

export class JobOrder {
  readonly #known = new Map<string, KnownJob>();
  readonly #new = new Set<string>();
  #moment: Moment = 0;

  /** Read this before sending a query or mutation, and pass it along with the answer. */
  get moment(): Moment {
    return this.#moment;
  }

  /**
   * Call when a stream begins anew (`onAnew`, after EVENTS_EXPIRED): versions are comparable within one history only, so
   * everything known is forgotten. Query again what you show.
   */
  beginAnew(): void {
    this.#known.clear();
    this.#new.clear();
    this.#moment += 1;
  }

  /**
   * Returns the data of a result with each job in its latest known state; the same object if nothing changes.
   * @param asked omitted for events, which always belong to the current history
   */
  take<Data>(data: Data, asked?: Moment): Data {
    return this.#walk(data, asked, true) as Data;
  }

  /** The newest jobs that were first seen in events: an answer on its way may be too old to list them. */
  get newJobs(): readonly KnownJob[] {
    return [...this.#new].flatMap((id) => this.#known.get(id) ?? []);
  }

  /** @param isRoot whether these are the operation's own fields, which may have any name */
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

  /** @param asked undefined: the state comes from an event */
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

/** The requested fields in the known state; fields not known in it keep their values. */
function latest(job: KnownJob, known: KnownJob): KnownJob {
  const fields = Object.keys(job).map((name) => [name, name in known ? known[name] : job[name]]);
  return Object.fromEntries(fields) as KnownJob;
}
