/**
 * Stored records that can't be read: broken by hand, by another program or by another version. A reader that comes upon one
 * goes on without it; a process counts and logs each once.
 */
import type { Logger } from './logger.ts';
import { METERS } from './meters.ts';

export type RecordKind =
  | 'job'
  | 'event'
  | 'event_log'
  | 'step_output'
  | 'queue_entry'
  | 'duration'
  | 'worker_offer'
  | 'file_count'
  | 'webhook'
  | 'webhook_delivery';

/** How many records are remembered; the oldest are forgotten, and would be logged again. */
const MAX_REMEMBERED = 10_000;

export class DamagedRecords {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * @param key where it is stored and, if need be, the place inside
   * @param reason what was expected of it, without what it holds, which may be a user's
   */
  note(kind: RecordKind, key: string, reason: string): void {
    const name = `${kind} ${key}`;
    if (this.#told.has(name)) return;
    this.#told.add(name);
    for (const oldest of this.#told) {
      if (this.#told.size <= MAX_REMEMBERED) break;
      this.#told.delete(oldest);
    }
    METERS.recordsDamaged.add(1, kind);
    this.#logger.error({ kind, key, reason }, 'a stored record cannot be read and is set aside');
  }
}
