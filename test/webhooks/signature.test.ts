import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { newWebhookSecret, signedHeaders } from '../../src/webhooks/signature.ts';

const body = '{"type":"job.completed","data":{"text":"안녕, “you”"}}';
const message = { id: 'msg_1', sentAt: Date.now(), body };

describe('a signature', () => {
  test('is accepted by the library of Standard Webhooks', () => {
    const secret = newWebhookSecret();
    const headers = signedHeaders(message, [new Secret(secret)]);
    expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
  });

  test('is accepted with either secret during a rotation, and with no other', () => {
    const [fresh, old, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders(message, [new Secret(fresh), new Secret(old)]);
    for (const secret of [fresh, old])
      expect(() => new Webhook(secret).verify(body, { ...headers })).not.toThrow();
    expect(() => new Webhook(other).verify(body, { ...headers })).toThrow();
  });

  test.each([
    ['id', { 'webhook-id': 'msg_2' }],
    ['timestamp', { 'webhook-timestamp': String(Math.floor(message.sentAt / 1_000) - 1) }],
  ])('is void with another %s', (_what, change) => {
    const secret = newWebhookSecret();
    const headers = { ...signedHeaders(message, [new Secret(secret)]), ...change };
    expect(() => new Webhook(secret).verify(body, headers)).toThrow();
  });

  test('is void with another body', () => {
    const secret = newWebhookSecret();
    const headers = { ...signedHeaders(message, [new Secret(secret)]) };
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  });
});

test('a secret has 32 bytes, and no two are the same', () => {
  const [one, other] = [newWebhookSecret(), newWebhookSecret()];
  expect(one).toMatch(/^whsec_/);
  expect(Buffer.from(one.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(one).not.toBe(other);
});
