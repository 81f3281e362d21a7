/** Links to files expire; a page that stays open gets new ones by loading the job again. */

/** How long before its end a link is renewed while somebody looks: the page is not notified of a failed download. */
export const EARLY_MS = 30_000;

/** When a signed link expires, in ms since the epoch by the server's clock; null: never. */
export function linkEnd(url: string): number | null {
  const until = new URL(url, 'http://server').searchParams.get('until');
  return until === null ? null : Number(until) * 1_000;
}

interface RenewalParts {
  /** Loads a job into the store. */
  readonly loadJob: (id: string) => Promise<unknown>;
  /** Milliseconds since the epoch by the server's clock, approximately. */
  readonly now: () => number;
  /** Calls back after a moment, once for any number of calls in between. */
  readonly soon: (work: () => void) => void;
}

export class LinkRenewal {
  readonly #parts: RenewalParts;
  /** The last renewal of each job: a file that cannot be loaded with new links either must not be requested endlessly. */
  readonly #asked = new Map<string, string>();
  readonly #due = new Set<string>();

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Whether a link has expired, or is about to. */
  isOver(url: string): boolean {
    return this.#parts.now() >= (linkEnd(url) ?? Number.POSITIVE_INFINITY) - EARLY_MS;
  }

  /**
   * Call when a job's link has failed or expired: renews its links, once for all that expire together, and once more when they
   * do.
   */
  renew(jobId: string, url: string): void {
    const end = linkEnd(url);
    const asked = `${end} ${this.isOver(url)}`;
    if (end === null || this.#asked.get(jobId) === asked) return;
    this.#asked.set(jobId, asked);
    this.#due.add(jobId);
    if (this.#due.size === 1) this.#parts.soon(() => void this.#load());
  }

  async #load(): Promise<void> {
    const ids = [...this.#due];
    this.#due.clear();
    // One by one: a list of cards must not exhaust its credential's operations per second.
    for (const id of ids) await this.#parts.loadJob(id).catch(() => this.#asked.delete(id));
  }
}
