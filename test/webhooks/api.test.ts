/** Webhooks as a client of the API has them, from the mutation to the receiver: a server and a worker as they are started. */
import { Webhook } from 'standardwebhooks';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { startWorker } from '../../src/worker.ts';
import {
  type Answer,
  answerOf,
  fieldOf,
  type SecuredServer,
  startSecured,
} from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import { Receiver } from './receiver.ts';

const CREATE =
  'mutation ($input: WebhookInput!) { createWebhook(input: $input) { secret webhook { id url events createdAt disabledReason } } }';
const LIST =
  'query ($projectId: ID!) { webhooks(projectId: $projectId) { id url deliveries(first: 5) { id event jobId attempts status lastStatusCode lastError nextAttemptAt deliveredAt } } }';

interface Created {
  readonly secret: string;
  readonly webhook: { readonly id: string; readonly url: string; readonly events: readonly string[] };
}

async function startAdmin(env: Record<string, string> = { PLAYHEAD_WEBHOOK_PRIVATE: 'on' }) {
  const server = await startSecured({ env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '10000', ...env } });
  const credential = await server.key({ scope: 'admin', projects: ['a'] });
  const ask = async (query: string, variables: Record<string, unknown>): Promise<Answer> =>
    answerOf(await server.post(query, { credential, variables }));
  const field = async <T>(name: string, query: string, variables: Record<string, unknown>): Promise<T> =>
    fieldOf<T>(await server.post(query, { credential, variables }), name);
  return { server, ask, field };
}

/** A worker beside the server, which runs nothing, but sends. */
async function startSending({ keys }: SecuredServer): Promise<void> {
  const prefix = keys.unended.replace(/:unended$/, '');
  const config = readConfig({
    PLAYHEAD_PREFIX: prefix,
    PLAYHEAD_WEBHOOK_PRIVATE: 'on',
    PLAYHEAD_DRAIN_SECONDS: '0',
  });
  const worker = await startWorker({
    ...{ config, logger: silentLogger, redisUrl: inject('redisUrl') },
    workflows: WORKFLOWS,
    started: { workflows: {} },
  });
  onTestFinished(() => worker.close());
}

test('a webhook that was made by the API is sent by a worker, and can be looked at', async () => {
  const { server, field } = await startAdmin();
  const receiver = await Receiver.start();
  const input = { projectId: 'a', url: receiver.url, events: ['CANCELLED'] };
  const { secret, webhook } = await field<Created>('createWebhook', CREATE, { input });
  expect(webhook).toMatchObject({ url: receiver.url, events: ['CANCELLED'], disabledReason: null });
  const job = await field<{ id: string }>(
    'writeScript',
    'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id } }',
    {},
  );
  await field('cancelJob', 'mutation ($id: ID!) { cancelJob(projectId: "a", id: $id) { id } }', {
    id: job.id,
  });
  await startSending(server);
  await until(() => receiver.received.length === 1);
  const [received] = receiver.received;
  expect(new Webhook(secret).verify(received?.text ?? '', received?.headers ?? {})).toMatchObject({
    type: 'job.cancelled',
    data: { job: { id: job.id, status: 'CANCELLED', error: { code: 'CANCELLED' } }, result: null },
  });
  const [listed] = await until(async () => {
    const found = await field<{ deliveries: { status: string }[] }[]>('webhooks', LIST, { projectId: 'a' });
    return found[0]?.deliveries[0]?.status === 'delivered' && found;
  });
  expect(listed).toEqual({
    id: webhook.id,
    url: receiver.url,
    deliveries: [
      {
        ...{ id: received?.id, event: 'CANCELLED', jobId: job.id, attempts: 1, status: 'delivered' },
        ...{ lastStatusCode: 204, lastError: null, nextAttemptAt: null },
        deliveredAt: expect.stringMatching(/^\d{4}-/),
      },
    ],
  });
  expect(JSON.stringify(listed)).not.toContain('whsec_');

  const again =
    'mutation ($id: ID!) { redeliverWebhook(projectId: "a", deliveryId: $id) { id status attempts } }';
  expect(await field('redeliverWebhook', again, { id: received?.id })).toMatchObject({
    status: 'pending',
    attempts: 1,
  });
  await until(() => receiver.received.length === 2);
  expect(receiver.ids[1]).toBe(received?.id);
});

test('a rotated secret is new, and for a day the old one is good too', async () => {
  const { server, field } = await startAdmin();
  const receiver = await Receiver.start();
  const input = { projectId: 'a', url: receiver.url };
  const before = await field<Created>('createWebhook', CREATE, { input });
  const rotate =
    'mutation ($id: ID!) { rotateWebhookSecret(projectId: "a", id: $id) { secret webhook { id } } }';
  const after = await field<Created>('rotateWebhookSecret', rotate, { id: before.webhook.id });
  expect(after.webhook.id).toBe(before.webhook.id);
  expect(after.secret).not.toBe(before.secret);
  const job = await field<{ id: string }>(
    'writeScript',
    'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id } }',
    {},
  );
  await field('cancelJob', 'mutation ($id: ID!) { cancelJob(projectId: "a", id: $id) { id } }', {
    id: job.id,
  });
  await startSending(server);
  await until(() => receiver.received.length === 1);
  const [{ headers, text } = { headers: {}, text: '' }] = receiver.received;
  for (const { secret } of [before, after])
    expect(() => new Webhook(secret).verify(text, headers)).not.toThrow();
});

describe('what is refused', () => {
  test.each([
    ['http://example.com/', 'input.url'],
    ['https://127.0.0.1/', 'input.url'],
    ['https://169.254.169.254/', 'input.url'],
  ])('%s, where private addresses are not allowed', async (url, path) => {
    const { ask } = await startAdmin({});
    const { errors } = await ask(CREATE, { input: { projectId: 'a', url } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: path });
  });

  test('no events, a twenty-first webhook, and what is not there', async () => {
    const { ask, field } = await startAdmin();
    const input = { projectId: 'a', url: 'https://example.com/' };
    const empty = await ask(CREATE, { input: { ...input, events: [] } });
    expect(empty.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.events' });
    const made: Created[] = [];
    for (let index = 0; index < 20; index += 1)
      made.push(await field<Created>('createWebhook', CREATE, { input }));
    const more = await ask(CREATE, { input });
    expect(more.errors?.[0]?.extensions['code']).toBe('QUOTA_EXCEEDED');
    const remove = 'mutation ($id: ID!) { deleteWebhook(projectId: "a", id: $id) }';
    expect(await field('deleteWebhook', remove, { id: made[0]?.webhook.id })).toBe(true);
    for (const [mutation, id] of [
      ['mutation ($id: ID!) { deleteWebhook(projectId: "a", id: $id) }', made[0]?.webhook.id],
      ['mutation ($id: ID!) { deleteWebhook(projectId: "a", id: $id) }', 'a:b'],
      ['mutation ($id: ID!) { enableWebhook(projectId: "a", id: $id) { id } }', made[0]?.webhook.id],
      [
        'mutation ($id: ID!) { rotateWebhookSecret(projectId: "a", id: $id) { secret } }',
        made[0]?.webhook.id,
      ],
      ['mutation ($id: ID!) { redeliverWebhook(projectId: "a", deliveryId: $id) { id } }', 'msg_none'],
    ]) {
      const { errors } = await ask(mutation ?? '', { id });
      expect(errors?.[0]?.extensions['code'], mutation).toBe('NOT_FOUND');
    }
    expect(await field<Created[]>('webhooks', LIST, { projectId: 'a' })).toHaveLength(19);
    await field<Created>('createWebhook', CREATE, { input });
    const page = await ask(LIST.replace('first: 5', 'first: 101'), { projectId: 'a' });
    expect(page.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first' });
  });
});
