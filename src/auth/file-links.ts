/**
 * Links to artifacts that a browser can open without a header: signed by HMAC over the path and their expiry time. They are the
 * same for every viewer of a project, so that results with links in them can be shared among subscribers: the expiry is rounded
 * up to a whole period, and a link lasts one to two periods.
 */
import type { Clock } from '../core/clock.ts';
import { isSame, type Secret } from '../core/secret.ts';
import { deriveKey, sign } from './signing.ts';

export class FileLinks {
  readonly #key: Uint8Array;
  readonly #periodMs: number;
  readonly #clock: Clock;

  /** @param periodMs the least time that a link lasts */
  constructor(secret: Secret, periodMs: number, clock: Clock) {
    this.#key = deriveKey(secret, 'file-link');
    this.#periodMs = periodMs;
    this.#clock = clock;
  }

  /** Changes when earlier links should be made anew. */
  get edition(): number {
    return Math.floor(this.#clock.now() / this.#periodMs);
  }

  /** The query that gives access to a file. @param path in the store, `projectId/jobId/name` */
  query(path: string): string {
    const until = ((this.edition + 2) * this.#periodMs) / 1_000;
    return `until=${until}&signature=${this.#sign(path, String(until))}`;
  }

  /** Whether a query gives access to that file now. */
  allows(path: string, query: URLSearchParams): boolean {
    const until = query.get('until') ?? '';
    if (!/^\d{1,12}$/.test(until) || Number(until) * 1_000 <= this.#clock.now()) return false;
    return isSame(query.get('signature') ?? '', this.#sign(path, until));
  }

  #sign(path: string, until: string): string {
    return sign(this.#key, `${until}\n${path}`);
  }
}
