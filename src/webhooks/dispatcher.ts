/**
 * Sends the webhooks of an installation. Every worker runs a dispatcher, and the one that holds the lease sends: twice a second
 * it looks for new events of all projects with webhooks, in three round trips. If it dies, another takes over as soon as the
 * lease has run out.
 *
 * Two may send for a moment if one was held up for longer than its lease: nothing is lost, and anything sent twice has the same
 * id (scripts/take.lua, scripts/settle.lua).
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { pause } from '../core/pause.ts';
import { repeat } from '../core/repeat.ts';
import type { EventLog } from '../log/log.ts';
import type { Keys } from '../redis/keys.ts';
import { type SenderParts, WebhookSender } from './sender.ts';
import type { Webhook, WebhookId } from './webhook.ts';

export interface DispatcherParts extends Omit<SenderParts, 'maySend' | 'ending' | 'log'> {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: Pick<EventLog, 'readAfter' | 'readFrom' | 'heads'>;
  /** Pause between two looks for new events; default 0.5 s. */
  readonly pauseMs?: number;
  /** How long a lease lasts unless it is renewed; default 10 s. */
  readonly leaseMs?: number;
}

const PAUSE_MS = 500;
const LEASE_MS = 10_000;
/** How long requests under way may take to end when a worker closes. */
const LINGER_MS = 3_000;

/** Renews the lease, or takes it if it is free. @returns 1: it is held */
const HOLD = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

export class WebhookDispatcher {
  readonly #parts: DispatcherParts;
  readonly #owner = randomUUID();
  readonly #senders = new Map<string, WebhookSender>();
  readonly #ending = new AbortController();
  readonly #loop: { stop(): void };
  /** When the lease runs out, by this process's own clock. */
  #heldUntil = 0;
  #isClosing = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#loop = repeat(() => this.#turn(), parts.pauseMs ?? PAUSE_MS);
  }

  /** Starts nothing more, gives requests under way a few seconds, and lets another dispatcher take over at once. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#loop.stop();
    const settled = Promise.all([...this.#senders.values()].map((sender) => sender.settled()));
    const limit = new AbortController();
    await Promise.race([settled, pause(LINGER_MS, limit.signal).catch(() => {})]);
    limit.abort();
    this.#ending.abort();
    if (!this.#isHeld()) return;
    const { keys, redis } = this.#parts;
    await redis.eval(RELEASE, 1, keys.webhookLease, this.#owner).catch(() => {});
  }

  async #turn(): Promise<void> {
    try {
      if (await this.#hold()) await this.#lookForWork();
    } catch (err) {
      this.#parts.logger.warn({ err }, 'looking for webhooks to send failed; trying again');
    }
  }

  async #hold(): Promise<boolean> {
    const { keys, leaseMs = LEASE_MS, redis } = this.#parts;
    const asked = performance.now();
    const isHeld = (await redis.eval(HOLD, 1, keys.webhookLease, this.#owner, leaseMs)) === 1;
    // Counted from before the request: Redis starts counting later.
    this.#heldUntil = isHeld ? asked + leaseMs : 0;
    return isHeld;
  }

  #isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  async #lookForWork(): Promise<void> {
    const { log, store } = this.#parts;
    const ids = await store.all();
    const projects = [...new Set(ids.map(({ projectId }) => projectId))];
    const [webhooks, heads] = await Promise.all([store.load(ids), log.heads(projects)]);
    const headOf = new Map(projects.map((projectId, at) => [projectId, heads[at]]));
    const found = webhooks.filter((webhook) => webhook !== null);
    this.#forgetAllBut(found);
    for (const webhook of found) {
      const head = headOf.get(webhook.projectId);
      // A log that cannot be read is skipped until somebody has repaired it.
      if (head != null) this.#senderOf(webhook).turn(webhook, head);
    }
  }

  #forgetAllBut(webhooks: readonly Webhook[]): void {
    const present = new Set(webhooks.map(nameOf));
    for (const name of this.#senders.keys()) if (!present.has(name)) this.#senders.delete(name);
  }

  #senderOf(id: Webhook): WebhookSender {
    const name = nameOf(id);
    let sender = this.#senders.get(name);
    if (sender === undefined) {
      const maySend = (): boolean => !this.#isClosing && this.#isHeld();
      sender = new WebhookSender(
        { projectId: id.projectId, id: id.id },
        { ...this.#parts, maySend, ending: this.#ending.signal },
      );
      this.#senders.set(name, sender);
    }
    return sender;
  }
}

function nameOf({ projectId, id }: WebhookId): string {
  return `${projectId}|${id}`;
}
