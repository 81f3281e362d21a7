/**
 * Sends one webhook: takes its events from the log, and posts what is due.
 *
 * Deliveries of one job are sent one at a time, in the order of its events, and those of different jobs concurrently. All state
 * is in Redis, so a successor continues from there: anything sent but not recorded is sent again, under the same id.
 */
import type { Logger } from '../core/logger.ts';
import { METERS } from '../core/meters.ts';
import { isSamePosition, type Position } from '../progress/position.ts';
import { type IntakeParts, takeEvents } from './intake.ts';
import { type PostOutcome, type PostParts, post } from './post.ts';
import { GIVE_UP_AFTER_MS, retryWait } from './retry.ts';
import { signedHeaders } from './signature.ts';
import { type DeliveryRecord, secretsOf, type Webhook, type WebhookId } from './webhook.ts';
import type { DueDelivery, Settlement } from './webhook-store.ts';

/** Concurrent requests of one webhook. */
const MAX_AT_ONCE = 8;
/** How long a finished delivery is kept, unless jobs themselves are kept for a shorter time. */
const KEEP_MS = 7 * 24 * 3_600_000;

export interface SenderParts extends IntakeParts {
  readonly post: PostParts;
  /** How long jobs are kept after their end; deliveries about them are kept no longer. */
  readonly retentionMs: number;
  /** Whether this process may still send: its lease has not run out, and it is not closing. */
  readonly maySend: () => boolean;
  /** Aborts the requests under way. */
  readonly ending: AbortSignal;
}

export class WebhookSender {
  readonly #id: WebhookId;
  readonly #parts: SenderParts;
  readonly #logger: Logger;
  readonly #underWay = new Map<string, Promise<void>>();
  #isTaking = false;
  #isStarting = false;
  /** Something ended during the search for due deliveries, so there may be more room than it assumed. */
  #startAgain = false;

  constructor(id: WebhookId, parts: SenderParts) {
    this.#id = id;
    this.#parts = parts;
    this.#logger = parts.logger;
  }

  /**
   * Starts whatever there is to do, without waiting for it.
   * @param webhook as just read
   * @param head the end of its project's log
   */
  turn(webhook: Webhook, head: Position): void {
    if (webhook.disabledReason !== null) return;
    if (!this.#isTaking && !isSamePosition(webhook.cursor, head)) void this.#take(webhook);
    this.#pump();
  }

  /** Waits for the requests under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #take(webhook: Webhook): Promise<void> {
    this.#isTaking = true;
    try {
      await takeEvents(this.#parts, webhook);
    } catch (err) {
      this.#warn(err, 'reading the log for a webhook failed; trying again');
    } finally {
      this.#isTaking = false;
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#isStarting) {
      this.#startAgain = true;
      return;
    }
    this.#isStarting = true;
    this.#startDue()
      .catch((err: unknown) => {
        this.#startAgain = false;
        this.#warn(err, 'sending a webhook failed; trying again');
      })
      .finally(() => {
        this.#isStarting = false;
        if (!this.#startAgain) return;
        this.#startAgain = false;
        this.#pump();
      });
  }

  async #startDue(): Promise<void> {
    const { clock, maySend, store } = this.#parts;
    const free = MAX_AT_ONCE - this.#underWay.size;
    if (free <= 0 || !maySend()) return;
    // Copied before Redis is read: a job settled meanwhile may still look due in its answer.
    const busy = new Set(this.#underWay.keys());
    const due = await store.dueJobs(this.#id, clock.now(), MAX_AT_ONCE);
    const [webhook] = due.length === 0 ? [] : await store.load([this.#id]);
    if (webhook == null || webhook.disabledReason !== null) return;
    if (webhook.pausedUntil !== null && webhook.pausedUntil > clock.now()) return;
    for (const jobId of due.filter((id) => !busy.has(id)).slice(0, free)) {
      const sending = this.#sendNext(webhook, jobId)
        .catch((err: unknown) => {
          this.#warn(err, 'sending a webhook failed; trying again');
          return false;
        })
        .then((goesOn) => {
          this.#underWay.delete(jobId);
          if (goesOn) this.#pump();
        });
      this.#underWay.set(jobId, sending);
    }
  }

  /** @returns whether there may be more to send at once */
  async #sendNext(webhook: Webhook, jobId: string): Promise<boolean> {
    const { clock, ending, maySend, post: postParts, store } = this.#parts;
    const delivery = await store.nextOf(this.#id, jobId);
    if (delivery === null) return true;
    if (!maySend()) return false;
    const sentAt = clock.now();
    const outcome = await this.#post(webhook, delivery, { sentAt, ending, postParts });
    if (ending.aborted) return false;
    const settlement = settle(webhook, delivery.record, outcome, { sentAt, now: clock.now() });
    METERS.webhookAttempts.add(1, settlement.outcome === 'delivered' ? 'delivered' : 'failed');
    const { retentionMs } = this.#parts;
    const forgetBefore = settlement.now - Math.min(KEEP_MS, retentionMs);
    await store.settle(this.#id, delivery, { ...settlement, forgetBefore });
    this.#tell(delivery, settlement);
    return true;
  }

  async #post(
    webhook: Webhook,
    { body, id }: DueDelivery,
    { sentAt, ending, postParts }: { sentAt: number; ending: AbortSignal; postParts: PostParts },
  ): Promise<PostOutcome> {
    if (body === null) return { error: 'what was to be sent is lost' };
    const headers = signedHeaders({ id, sentAt, body }, secretsOf(webhook, sentAt));
    return post(new URL(webhook.url), headers, body, postParts, ending);
  }

  #tell({ id }: DueDelivery, { disabledReason, outcome, record }: Outcome): void {
    const facts = { ...this.#id, deliveryId: id, jobId: record.jobId, attempts: record.attempts };
    if (disabledReason !== undefined) this.#logger.warn({ ...facts, disabledReason }, 'webhook disabled');
    else if (outcome === 'failed') this.#logger.warn(facts, 'a delivery of a webhook was given up');
  }

  #warn(err: unknown, what: string): void {
    this.#logger.warn({ err, projectId: this.#id.projectId, webhookId: this.#id.id }, what);
  }
}

type Outcome = Omit<Settlement, 'forgetBefore'>;

/** Decides what becomes of a delivery and its webhook after an attempt. Pure, apart from the jitter. */
export function settle(
  webhook: Pick<Webhook, 'enabledAt' | 'succeededAt'>,
  before: DeliveryRecord,
  answer: PostOutcome,
  { sentAt, now }: { readonly sentAt: number; readonly now: number },
): Outcome {
  const attempts = before.attempts + 1;
  const firstAttemptAt = before.firstAttemptAt ?? sentAt;
  const error = errorIn(answer);
  const statusCode = 'error' in answer ? null : answer.statusCode;
  const record: DeliveryRecord = { ...before, attempts, firstAttemptAt, statusCode, error };
  if (error === null) {
    return { outcome: 'delivered', record: { ...record, status: 'delivered', deliveredAt: now }, now };
  }
  const retryAfterMs = 'error' in answer ? undefined : answer.retryAfterMs;
  const wait = retryWait(attempts, retryAfterMs);
  const later: Outcome = { outcome: 'later', record, now, again: now + wait };
  if (statusCode === 410) return { ...later, disabledReason: 'The receiver answered 410 Gone.' };
  const since = Math.max(firstAttemptAt, webhook.enabledAt ?? 0);
  if (now + wait - since > GIVE_UP_AFTER_MS) {
    // Others were accepted meanwhile, so the receiver rejects this message in particular.
    if ((webhook.succeededAt ?? 0) > since)
      return { outcome: 'failed', record: { ...record, status: 'failed' }, now };
    return {
      ...later,
      disabledReason: `Nothing could be delivered for 24 hours. The last attempt: ${error}.`,
    };
  }
  const asksForPause = retryAfterMs !== undefined && (statusCode === 429 || statusCode === 503);
  return asksForPause ? { ...later, pausedUntil: now + wait } : later;
}

/** Why an attempt failed; null: it succeeded. */
function errorIn(answer: PostOutcome): string | null {
  if ('error' in answer) return answer.error;
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode >= 300 && statusCode < 400) return `answered ${statusCode}; redirects are not followed`;
  return `answered ${statusCode}`;
}
