/**
 * Symmetric signatures of the Standard Webhooks specification: https://github.com/standard-webhooks/standard-webhooks. Pure,
 * apart from the randomness of a new secret.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '../core/secret.ts';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret: `whsec_` and 32 random bytes in base64, as the specification's libraries expect it. */
export function newWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

export interface SignedMessage {
  /** The message's id: the same however often it is sent, and by whom. */
  readonly id: string;
  /** When this attempt is made, in ms since the epoch. */
  readonly sentAt: number;
  /** The body, exactly as sent. */
  readonly body: string;
}

/**
 * The headers that make a message a Standard Webhook.
 * @param secrets the current one and, during a rotation, the previous one: the receiver may have either
 */
export function signedHeaders(
  { id, sentAt, body }: SignedMessage,
  secrets: readonly Secret[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
