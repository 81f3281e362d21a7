/** A webhook and its deliveries as kept in Redis, and how they are read. */
import { Secret } from '../core/secret.ts';
import { ORIGIN, type Position } from '../progress/position.ts';
import { WEBHOOK_EVENTS, type WebhookEvent } from './message.ts';

/** Identifies a webhook. */
export interface WebhookId {
  readonly projectId: string;
  readonly id: string;
}

export interface Webhook extends WebhookId {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly createdAt: number;
  /** Why nothing is sent any more; null: the webhook is enabled. */
  readonly disabledReason: string | null;
  /** When it was last re-enabled; null: never. */
  readonly enabledAt: number | null;
  /** When a message was last accepted; null: none was. */
  readonly succeededAt: number | null;
  /** Until when the receiver has asked for a pause; null: it has not. */
  readonly pausedUntil: number | null;
  /** The position in the log up to which deliveries have been made. */
  readonly cursor: Position;
  /** The time (ms) of the event at the cursor; before the first, that of the webhook's creation. */
  readonly readUntil: number;
  readonly secret: Secret;
  /** The secret before the last rotation, and until when messages are also signed with it. */
  readonly oldSecret: { readonly secret: Secret; readonly until: number } | null;
}

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** The state of a delivery; stored as JSON. */
export interface DeliveryRecord {
  readonly event: WebhookEvent;
  readonly jobId: string;
  readonly status: DeliveryStatus;
  /** Attempts made so far. */
  readonly attempts: number;
  /** When the first attempt was made (ms), or the first since redelivery was requested. */
  readonly firstAttemptAt: number | null;
  /** The status of the last attempt's answer; null: there was no answer, or no attempt. */
  readonly statusCode: number | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
  readonly deliveredAt: number | null;
}

/** A delivery that has not been tried yet. */
export function newDelivery(event: WebhookEvent, jobId: string): DeliveryRecord {
  return {
    ...{ event, jobId, status: 'pending', attempts: 0, firstAttemptAt: null },
    ...{ statusCode: null, error: null, deliveredAt: null },
  };
}

/** Null: it is gone, or not one that this version writes. */
export function readDelivery(json: string | null): DeliveryRecord | null {
  if (json === null) return null;
  try {
    const record = JSON.parse(json) as Partial<DeliveryRecord> | null;
    const isOne = typeof record?.jobId === 'string' && typeof record.attempts === 'number';
    return isOne ? (record as DeliveryRecord) : null;
  } catch {
    return null;
  }
}

/** The names of a webhook's fields in Redis. */
export type WebhookField =
  | 'url'
  | 'events'
  | 'createdAt'
  | 'disabledReason'
  | 'enabledAt'
  | 'succeededAt'
  | 'pausedUntil'
  | 'cursor'
  | 'readUntil'
  | 'secret'
  | 'oldSecret'
  | 'oldSecretUntil'
  | 'ordinal';

export type WebhookFields = Readonly<Partial<Record<WebhookField, string>>>;

/** Null: there is none, or the stored fields are not a webhook. */
export function readWebhook({ projectId, id }: WebhookId, fields: WebhookFields): Webhook | null {
  const { url, secret, oldSecret } = fields;
  if (url === undefined || secret === undefined) return null;
  const time = (text: string | undefined): number | null => (text ? Number(text) : null);
  return {
    ...{ projectId, id, url },
    events: (fields.events ?? '').split(',').filter((name): name is WebhookEvent => name in WEBHOOK_EVENTS),
    createdAt: Number(fields.createdAt ?? 0),
    disabledReason: fields.disabledReason ?? null,
    enabledAt: time(fields.enabledAt),
    succeededAt: time(fields.succeededAt),
    pausedUntil: time(fields.pausedUntil),
    cursor: readPosition(fields.cursor ?? ''),
    readUntil: Number(fields.readUntil ?? 0),
    secret: new Secret(secret),
    oldSecret:
      oldSecret === undefined
        ? null
        : { secret: new Secret(oldSecret), until: Number(fields.oldSecretUntil ?? 0) },
  };
}

/** The secrets that a message sent now is signed with. */
export function secretsOf({ secret, oldSecret }: Webhook, now: number): readonly Secret[] {
  return oldSecret !== null && oldSecret.until > now ? [secret, oldSecret.secret] : [secret];
}

export function writePosition({ epoch, seq, hash }: Position): string {
  return `${epoch}.${seq}.${hash}`;
}

function readPosition(text: string): Position {
  const [epoch = '', seq = '', hash = ''] = text.split('.');
  return Number(seq) >= 1 ? { epoch, seq: Number(seq), hash } : ORIGIN;
}
