/** What the API can do with webhooks, for those who may administer the project. */
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import type { Clock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import { parseProjectId } from '../jobs/project-id.ts';
import type { EventLog } from '../log/log.ts';
import { type AddressPolicy, parseWebhookUrl } from './address.ts';
import { DEFAULT_WEBHOOK_EVENTS, type WebhookEvent } from './message.ts';
import { newWebhookSecret } from './signature.ts';
import { type DeliveryStatus, newDelivery, type Webhook, type WebhookId, writePosition } from './webhook.ts';
import type { StoredDelivery, WebhookStore } from './webhook-store.ts';

/** The most webhooks that a project may have. */
export const MAX_WEBHOOKS = 20;
/** How long after a rotation messages are also signed with the old secret. */
export const ROTATION_MS = 24 * 3_600_000;

export interface WebhookRequest {
  readonly projectId: string;
  readonly url: string;
  /** Default: how jobs end. */
  readonly events?: readonly WebhookEvent[] | null | undefined;
}

/** What an owner sees of a webhook. */
export type WebhookView = WebhookId & Pick<Webhook, 'url' | 'events' | 'createdAt' | 'disabledReason'>;

/** What an owner sees of a delivery. */
export interface DeliveryView {
  readonly id: string;
  readonly event: WebhookEvent;
  readonly jobId: string;
  readonly attempts: number;
  readonly status: DeliveryStatus;
  readonly lastStatusCode: number | null;
  readonly lastError: string | null;
  readonly nextAttemptAt: number | null;
  readonly deliveredAt: number | null;
}

/** A webhook with its secret, which is shown only once. */
export interface CreatedWebhook {
  readonly webhook: WebhookView;
  readonly secret: string;
}

interface CommandsParts {
  readonly store: WebhookStore;
  readonly log: Pick<EventLog, 'head'>;
  readonly clock: Clock;
  readonly policy: AddressPolicy;
}

export class WebhookCommands {
  readonly #parts: CommandsParts;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
  }

  /**
   * Creates a webhook, which receives all events from now on.
   * @throws PlayheadError BAD_USER_INPUT; QUOTA_EXCEEDED when the project has 20
   */
  async create(request: WebhookRequest): Promise<CreatedWebhook> {
    const { clock, log, policy, store } = this.#parts;
    const projectId = parseProjectId(request.projectId, 'input.projectId');
    const url = parseWebhookUrl(request.url, 'input.url', policy);
    const events = [...new Set(request.events ?? DEFAULT_WEBHOOK_EVENTS)];
    if (events.length === 0) throw badInput('input.events', 'at least one event', '[]');
    const now = clock.now();
    const id = { projectId, id: uuidv7() };
    const secret = newWebhookSecret();
    const fields = {
      ...{ url: url.href, events: events.join(','), createdAt: String(now), secret },
      ...{ cursor: writePosition(await log.head(projectId)), readUntil: String(now) },
    };
    if (!(await store.create(id, fields, now, MAX_WEBHOOKS))) {
      throw new PlayheadError('QUOTA_EXCEEDED', `A project has at most ${MAX_WEBHOOKS} webhooks`);
    }
    const webhook = { ...id, url: url.href, events, createdAt: now, disabledReason: null };
    return { webhook, secret };
  }

  /** A project's webhooks, oldest first. @throws PlayheadError BAD_USER_INPUT */
  async list(projectId: string): Promise<readonly WebhookView[]> {
    return (await this.#parts.store.list(parseProjectId(projectId))).map(viewWebhook);
  }

  /** The newest deliveries of a webhook, newest first. */
  async deliveries(id: WebhookId, first: number): Promise<readonly DeliveryView[]> {
    const [webhook] = await this.#parts.store.load([id]);
    const found = await this.#parts.store.deliveries(id, first);
    const isDisabled = webhook?.disabledReason != null;
    return found.map((delivery) => viewDelivery(delivery, isDisabled ? null : delivery.dueAt));
  }

  /** Removes a webhook, with everything that waits to be sent. @throws PlayheadError NOT_FOUND */
  async delete(projectId: string, id: string): Promise<void> {
    if (!(await this.#parts.store.delete(parseId(projectId, id)))) throw notFound(id);
  }

  /**
   * Gives a webhook a new secret. For 24 hours, messages are also signed with the old one.
   * @throws PlayheadError NOT_FOUND
   */
  async rotate(projectId: string, id: string): Promise<CreatedWebhook> {
    const { clock, store } = this.#parts;
    const webhook = await this.#load(projectId, id);
    const secret = newWebhookSecret();
    const oldSecret = webhook.secret.reveal();
    const oldSecretUntil = String(clock.now() + ROTATION_MS);
    if (!(await store.change(webhook, { secret, oldSecret, oldSecretUntil }))) throw notFound(id);
    return { webhook: viewWebhook(webhook), secret };
  }

  /** Enables a disabled webhook again, with everything that has happened meanwhile. @throws PlayheadError NOT_FOUND */
  async enable(projectId: string, id: string): Promise<WebhookView> {
    const { clock, store } = this.#parts;
    await store.enable(parseId(projectId, id), clock.now());
    return viewWebhook(await this.#load(projectId, id));
  }

  /**
   * Sends a delivery again under the same id, at once or after the others of its job.
   * @throws PlayheadError NOT_FOUND, WEBHOOK_DISABLED
   */
  async redeliver(projectId: string, deliveryId: string): Promise<DeliveryView> {
    const { clock, store } = this.#parts;
    const found = await store.find(parseProjectId(projectId), deliveryId);
    if (found === null) throw new PlayheadError('NOT_FOUND', `There is no delivery ${deliveryId}`);
    const { disabledReason } = found.webhook;
    if (disabledReason !== null) {
      throw new PlayheadError(
        'WEBHOOK_DISABLED',
        `The webhook ${found.webhook.id} is disabled: ${disabledReason}`,
      );
    }
    const now = clock.now();
    const { attempts, event, jobId, status } = found.record;
    const again = status === 'pending' ? found.record : { ...newDelivery(event, jobId), attempts };
    await store.redeliver(found.webhook, found, again, now);
    return viewDelivery({ ...found, record: again }, now);
  }

  async #load(projectId: string, id: string): Promise<Webhook> {
    const [webhook] = await this.#parts.store.load([parseId(projectId, id)]);
    if (webhook == null) throw notFound(id);
    return webhook;
  }
}

/** An id becomes part of a key, so only valid ones are let through. */
function parseId(projectId: string, id: string): WebhookId {
  const project = parseProjectId(projectId);
  if (!isUuid(id)) throw notFound(id);
  return { projectId: project, id };
}

function notFound(id: string): PlayheadError {
  return new PlayheadError('NOT_FOUND', `There is no webhook ${id}`);
}

function viewWebhook({ projectId, id, url, events, createdAt, disabledReason }: Webhook): WebhookView {
  return { projectId, id, url, events, createdAt, disabledReason };
}

function viewDelivery({ id, record }: StoredDelivery, dueAt: number | null): DeliveryView {
  const { attempts, deliveredAt, error, event, jobId, status, statusCode } = record;
  return {
    ...{ id, event, jobId, attempts, status, deliveredAt },
    ...{ lastStatusCode: statusCode, lastError: error, nextAttemptAt: dueAt },
  };
}
