import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { toTrackedResult } from '../../src/jobs/tracked-result.ts';
import { decodeCursor } from '../../src/log/cursor.ts';
import { WEBHOOK_EVENTS } from '../../src/webhooks/message.ts';
import { until } from '../setup/deadline.ts';
import { complete, createHookPath, POLICY } from './harness.ts';
import { type Answer, Receiver } from './receiver.ts';

const HOUR_MS = 3_600_000;
const refuse =
  (statusCode: number, headers: Record<string, string> = {}): Answer =>
  (_received, response) =>
    response.writeHead(statusCode, headers).end();

function count(receiver: Receiver, number: number): Promise<true> {
  return until(() => receiver.received.length >= number, { what: `${number} requests` });
}

describe('a job that has ended', () => {
  test('is told with its result, signed, and with a cursor for what follows', async () => {
    const path = createHookPath();
    const receiver = await Receiver.start();
    const { secret, webhook } = await path.hook(receiver.url);
    const jobId = await complete(path);
    await count(receiver, 1);
    const [received] = receiver.received;
    const verified = new Webhook(secret).verify(received?.text ?? '', received?.headers ?? {});
    const events = await path.log.readAfter(path.projectId, { epoch: '', seq: 0, hash: '' }, 10);
    const last = events.at(-1);
    expect(verified).toMatchObject({
      type: 'job.completed',
      timestamp: last?.event.timestamp,
      data: {
        job: { id: jobId, projectId: path.projectId, status: 'COMPLETED', progress: 1, attempt: 1 },
        result: { clips: 1 },
      },
    });
    const { data } = verified as { data: { lastEventId: string } };
    expect(decodeCursor(data.lastEventId)).toEqual({ epoch: last?.epoch, seq: last?.seq, hash: last?.hash });
    const delivery = await until(async () => {
      const newest = await path.newest(webhook.id);
      return newest?.status === 'delivered' && newest;
    });
    expect(delivery).toMatchObject({
      id: received?.id,
      jobId,
      attempts: 1,
      lastStatusCode: 204,
      lastError: null,
    });
  });

  test('is told to each webhook of its project under an id of its own, and to no other project’s', async () => {
    const path = createHookPath();
    const [one, other, foreign] = [await Receiver.start(), await Receiver.start(), await Receiver.start()];
    await path.hook(one.url);
    await path.hook(other.url);
    await path.commands.create({ projectId: `${path.projectId}-2`, url: foreign.url });
    await complete(path);
    await Promise.all([count(one, 1), count(other, 1)]);
    expect(one.ids[0]).not.toBe(other.ids[0]);
    expect(foreign.received).toEqual([]);
  });

  test('before the webhook was made is not told', async () => {
    const path = createHookPath();
    await complete(path);
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    const later = await complete(path);
    await count(receiver, 1);
    expect(receiver.received.map(({ body }) => body.data.job.id)).toEqual([later]);
  });
});

test('a webhook gets all that it was made for, of each job in order', async () => {
  const path = createHookPath();
  const receiver = await Receiver.start();
  const few = await Receiver.start();
  await path.hook(receiver.url, ['STARTED', 'RETRYING', 'FAILED', 'CANCELLED', 'COMPLETED']);
  await path.hook(few.url, ['CANCELLED']);
  const writer = await path.begin();
  await writer.progress(0.5);
  await writer.fail('release');
  await writer.begin(2);
  await writer.fail('end');
  await writer.retry();
  await writer.fail('close', 'CANCELLED');
  await count(receiver, 5);
  await count(few, 1);
  const told = receiver.received.map(({ body }) => body);
  expect(told.map(({ type }) => type)).toEqual([
    ...['job.started', 'job.retrying', 'job.started', 'job.failed', 'job.cancelled'],
  ]);
  expect(told.map(({ data }) => data.job)).toMatchObject([
    { status: 'RUNNING', attempt: 1 },
    { status: 'RETRYING', attempt: 1, error: { code: 'PROVIDER_FAILED' } },
    { status: 'RUNNING', attempt: 2 },
    { status: 'FAILED', attempt: 2, error: { code: 'PROVIDER_FAILED' } },
    { status: 'CANCELLED', attempt: 3 },
  ]);
  expect(few.received.map(({ body }) => body.type)).toEqual([WEBHOOK_EVENTS.CANCELLED]);
  expect(new Set(receiver.ids).size).toBe(5);
});

test('a tracked job is told under the names that GraphQL has for its result', async () => {
  const path = createHookPath();
  const receiver = await Receiver.start();
  await path.hook(receiver.url);
  const writer = await path.begin();
  const link = { name: 'film.mp4', url: 'https://example.com/film.mp4', contentType: 'video/mp4' };
  await writer.complete(1, toTrackedResult({ frames: 2 }, [link]));
  await count(receiver, 1);
  expect(receiver.received[0]?.body.data.result).toEqual({
    type: 'DataResult',
    data: { frames: 2 },
    artifacts: [{ ...link, sizeBytes: null }],
  });
});

describe('a receiver that fails', () => {
  test.each([
    ['with an error', refuse(500), 'answered 500', 500],
    [
      'by sending it elsewhere',
      refuse(302, { location: 'https://example.com/' }),
      'redirects are not followed',
      302,
    ],
    ['by hanging up', (_received, response) => void response.destroy(), 'socket hang up', null],
  ] as [string, Answer, string, number | null][])(
    '%s gets it again after a wait, under the same id',
    async (_how, answer, error, statusCode) => {
      const path = createHookPath();
      const receiver = await Receiver.start(answer);
      const { webhook } = await path.hook(receiver.url);
      await complete(path);
      const failed = await until(async () => {
        const newest = await path.newest(webhook.id);
        return newest?.lastError != null && newest;
      });
      expect(failed).toMatchObject({ status: 'pending', attempts: 1, lastStatusCode: statusCode });
      expect(failed.lastError).toContain(error);
      const wait = Number(failed.nextAttemptAt) - path.clock.time;
      expect(wait).toBeGreaterThanOrEqual(2_500);
      expect(wait).toBeLessThanOrEqual(5_000);
      receiver.answer = refuse(200);
      path.clock.time += wait;
      await count(receiver, 2);
      expect(new Set(receiver.ids).size).toBe(1);
      await until(async () => (await path.newest(webhook.id))?.status === 'delivered');
    },
  );

  test('holds back what follows of the same job, and of no other', async () => {
    const path = createHookPath();
    const stuck = 'job-stuck';
    const receiver = await Receiver.start(({ body }, response) =>
      response.writeHead(body.data.job.id === stuck ? 500 : 200).end(),
    );
    await path.hook(receiver.url, ['STARTED', 'COMPLETED']);
    await complete(path, stuck);
    await complete(path, 'job-2');
    await until(() => receiver.received.filter(({ body }) => body.data.job.id === 'job-2').length === 2);
    receiver.answer = refuse(200);
    path.clock.time += 5_000;
    await until(() =>
      receiver.received.some(({ body }) => body.data.job.id === stuck && body.type === 'job.completed'),
    );
    const ofStuck = receiver.received.filter(({ body }) => body.data.job.id === stuck);
    expect(ofStuck.map(({ body }) => body.type)).toEqual(['job.started', 'job.started', 'job.completed']);
  });

  test('holds up no other receiver, however slow', async () => {
    const path = createHookPath({ sends: false });
    // So that no request to the slow one ends by its time limit, and another takes its place.
    path.dispatch({ post: { policy: POLICY, limitMs: 600_000 } });
    const slow = await Receiver.start(() => {});
    const quick = await Receiver.start();
    await path.hook(slow.url);
    await path.hook(quick.url);
    const total = 20;
    for (let index = 0; index < total; index += 1) await complete(path);
    await count(quick, total);
    // The slow one has as many requests as it may, and no answer was given.
    expect(slow.received.length).toBeLessThanOrEqual(8);
  });

  test('and asks for a pause gets nothing meanwhile', async () => {
    const path = createHookPath();
    const receiver = await Receiver.start(refuse(429, { 'retry-after': '600' }));
    const { webhook } = await path.hook(receiver.url);
    await complete(path);
    await until(async () => (await path.newest(webhook.id))?.attempts === 1);
    receiver.answer = refuse(200);
    const meanwhile = await complete(path);
    await until(async () => (await path.newest(webhook.id))?.jobId === meanwhile);
    path.clock.time += 599_000;
    const witness = await Receiver.start();
    await path.hook(witness.url);
    await complete(path);
    await count(witness, 1);
    expect(receiver.received).toHaveLength(1);
    path.clock.time += 1_000;
    await count(receiver, 4);
  });

  test('and answers 410 gets nothing more, until its webhook is enabled', async () => {
    const path = createHookPath();
    const receiver = await Receiver.start(refuse(410));
    const { webhook } = await path.hook(receiver.url);
    await complete(path);
    const disabled = await until(async () => {
      const [found] = await path.commands.list(path.projectId);
      return found?.disabledReason != null && found;
    });
    expect(disabled.disabledReason).toBe('The receiver answered 410 Gone.');
    const delivery = await path.newest(webhook.id);
    expect(delivery).toMatchObject({ status: 'pending', lastStatusCode: 410, nextAttemptAt: null });
    await expect(path.commands.redeliver(path.projectId, delivery?.id ?? '')).rejects.toMatchObject({
      code: 'WEBHOOK_DISABLED',
    });
    await complete(path);
    receiver.answer = refuse(200);
    expect(await path.commands.enable(path.projectId, webhook.id)).toMatchObject({ disabledReason: null });
    await count(receiver, 3);
    expect(new Set(receiver.ids).size).toBe(2);
  });

  test('for 24 hours at everything is disabled, and what waits is kept', async () => {
    const path = createHookPath();
    const receiver = await Receiver.start(refuse(503));
    const { webhook } = await path.hook(receiver.url);
    await complete(path);
    const disabled = await until(async () => {
      // Not past an attempt that has not been made yet.
      const newest = await path.newest(webhook.id);
      path.clock.time = Math.max(path.clock.time, newest?.nextAttemptAt ?? 0);
      const [found] = await path.commands.list(path.projectId);
      return found?.disabledReason;
    });
    expect(disabled).toBe('Nothing could be delivered for 24 hours. The last attempt: answered 503.');
    const before = receiver.received.length;
    expect(before).toBeGreaterThan(3);
    receiver.answer = refuse(200);
    await path.commands.enable(path.projectId, webhook.id);
    await count(receiver, before + 1);
    expect(new Set(receiver.ids).size).toBe(1);
  });

  test('for 24 hours at one message alone loses that message, which can be sent again', async () => {
    const path = createHookPath();
    const poison = 'job-poison';
    const receiver = await Receiver.start(({ body }, response) =>
      response.writeHead(body.data.job.id === poison ? 500 : 200).end(),
    );
    const { webhook } = await path.hook(receiver.url);
    await complete(path, poison);
    await count(receiver, 1);
    const given = await until(async () => {
      path.clock.time += HOUR_MS;
      await complete(path);
      const found = await path.commands.deliveries({ projectId: path.projectId, id: webhook.id }, 100);
      return found.find(({ jobId, status }) => jobId === poison && status === 'failed');
    });
    expect((await path.commands.list(path.projectId))[0]?.disabledReason).toBeNull();
    receiver.answer = refuse(200);
    // Others may come behind it.
    const sent = (): number => receiver.ids.filter((id) => id === given.id).length;
    const before = sent();
    const again = await path.commands.redeliver(path.projectId, given.id);
    expect(again).toMatchObject({ id: given.id, status: 'pending', attempts: given.attempts });
    await until(() => sent() === before + 1);
  });
});
