/**
 * The sessions that go on under a credential: WebSockets and server-sent events. Each ends when its credential expires or is
 * revoked, within CHECK_MS and the time of one Redis answer.
 *
 * A revocation is found by polling, not by a message, which could be lost: one GET of the revision per turn for all sessions
 * and, when it has changed, one look at each distinct credential. A new session is looked at once in any case: its credential
 * may have been revoked between its check and its entry here. While Redis is away, revocations wait; expiry does not.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { CredentialStore } from './credential-store.ts';
import { hasExpired, type Viewer } from './viewer.ts';

/** The rule is 1 s; this leaves time for a slow answer and a busy process. */
const CHECK_MS = 300;

interface Session {
  readonly viewer: Viewer;
  readonly end: () => void;
  /** The revision at which its credentials were last seen alive; null: not yet. */
  seenAt: string | null;
}

export class Sessions {
  readonly #store: Pick<CredentialStore, 'isAlive' | 'revision'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sessions = new Set<Session>();
  readonly #perViewer = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;

  constructor(store: Pick<CredentialStore, 'isAlive' | 'revision'>, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions of one viewer in this process. */
  countOf(viewer: Viewer): number {
    return this.#perViewer.get(viewer.id) ?? 0;
  }

  /**
   * Enters a session.
   * @param end called at most once, when the credential is no longer valid
   * @returns a function to call when the session is over
   */
  enter(viewer: Viewer, end: () => void): () => void {
    const session: Session = { viewer, end, seenAt: null };
    this.#sessions.add(session);
    this.#perViewer.set(viewer.id, this.countOf(viewer) + 1);
    this.#timer ??= setInterval(() => void this.look(), CHECK_MS).unref();
    return () => this.#leave(session);
  }

  /** One turn: ends what must end. Never rejects. */
  async look(): Promise<void> {
    const now = this.#clock.now();
    for (const session of this.#sessions) if (hasExpired(session.viewer, now)) this.#end(session);
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#endRevoked();
    } catch (err) {
      this.#logger.warn({ err }, 'looking for revoked credentials failed; trying again');
    } finally {
      this.#isLooking = false;
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#sessions.clear();
  }

  async #endRevoked(): Promise<void> {
    const revision = await this.#store.revision();
    const due = [...this.#sessions].filter(({ seenAt }) => seenAt !== revision);
    if (due.length === 0) return;
    const names = [...new Set(due.flatMap(({ viewer }) => viewer.credentials))];
    const alive = await Promise.all(names.map((name) => this.#store.isAlive(name)));
    const dead = new Set(names.filter((_name, index) => !alive[index]));
    for (const session of due) {
      if (session.viewer.credentials.some((name) => dead.has(name))) this.#end(session);
      else session.seenAt = revision;
    }
  }

  #end(session: Session): void {
    if (!this.#leave(session)) return;
    session.end();
  }

  #leave(session: Session): boolean {
    if (!this.#sessions.delete(session)) return false;
    const count = this.countOf(session.viewer) - 1;
    if (count > 0) this.#perViewer.set(session.viewer.id, count);
    else this.#perViewer.delete(session.viewer.id);
    if (this.#sessions.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    return true;
  }
}
