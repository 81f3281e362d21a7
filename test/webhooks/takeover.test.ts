/** Who sends: one of all workers, and the next when it is gone; and what is there to go on with. */
import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { complete, createHookPath, POLICY } from './harness.ts';
import { Receiver } from './receiver.ts';

describe('of several dispatchers', () => {
  test('one sends, so that nothing comes twice', async () => {
    const path = createHookPath();
    path.dispatch();
    path.dispatch();
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    for (const _ of range(1, 30)) await complete(path);
    await until(() => new Set(receiver.ids).size === 30);
    expect(receiver.ids).toHaveLength(30);
  });

  test('another takes over at once when the one that sends is closed', async () => {
    const path = createHookPath({ sends: false });
    const first = path.dispatch({ leaseMs: 600_000 });
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    await complete(path);
    await until(() => receiver.received.length === 1);
    path.dispatch();
    await first.close();
    await complete(path);
    await until(() => receiver.received.length === 2);
  });

  test('another takes over when the lease of one that died runs out', async () => {
    const path = createHookPath({ sends: false });
    await path.redis.set(path.keys.webhookLease, 'somebody who died', 'PX', 300);
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    await complete(path);
    path.dispatch();
    await until(() => receiver.received.length === 1);
    expect(await path.redis.get(path.keys.webhookLease)).not.toBe('somebody who died');
  });

  test('one that was held up for longer than its lease starts nothing more, and what both send has one id', async () => {
    const path = createHookPath({ sends: false });
    const receiver = await Receiver.start(() => {});
    const { webhook } = await path.hook(receiver.url);
    await complete(path);
    let isHeldUp = false;
    // While it is held up, it can't renew its lease; when it comes back, another has it.
    const redis = Object.assign(Object.create(path.redis) as Redis, {
      eval: async (...args: Parameters<Redis['eval']>) => (isHeldUp ? 0 : path.redis.eval(...args)),
    });
    // The receiver says nothing, and no request to it may end by its time limit and be made again.
    const post = { policy: POLICY, limitMs: 600_000 };
    const first = path.dispatch({ redis, post });
    await until(() => receiver.received.length === 1);
    isHeldUp = true;
    // As if the lease had run out.
    await path.redis.del(path.keys.webhookLease);
    path.dispatch({ post });
    await until(() => receiver.received.length === 2);
    expect(new Set(receiver.ids).size).toBe(1);
    receiver.answer = (_received, response) => response.writeHead(204).end();
    await complete(path);
    await until(() => receiver.received.length === 3);
    await until(async () => (await path.newest(webhook.id))?.attempts === 1);
    await first.close();
    expect((await path.newest(webhook.id))?.attempts).toBe(1);
  });
});

test('a project whose log cannot be read holds up the webhooks of no other', async () => {
  const path = createHookPath();
  const other = createHookPath({ sends: false });
  const receiver = await Receiver.start();
  await path.commands.create({ projectId: other.projectId, url: receiver.url });
  await path.redis.set(path.keys.project(other.projectId).meta, 'of another type');
  await path.hook(receiver.url);
  const id = await complete(path);
  await until(() => receiver.received.length === 1);
  expect(receiver.received[0]?.body.data.job.id).toBe(id);
});

test('what a closing dispatcher has under way is noted before it lets go', async () => {
  const path = createHookPath({ sends: false });
  const dispatcher = path.dispatch();
  const answers: (() => void)[] = [];
  const receiver = await Receiver.start((_received, response) => {
    answers.push(() => response.writeHead(204).end());
  });
  const { webhook } = await path.hook(receiver.url);
  await complete(path);
  await until(() => answers.length === 1);
  const closed = dispatcher.close();
  answers[0]?.();
  await closed;
  expect(await path.newest(webhook.id)).toMatchObject({ status: 'delivered', attempts: 1 });
});

describe('a log that was trimmed while nobody sent', () => {
  test('has the endings of its jobs told from their snapshots, each once, and goes on', async () => {
    const path = createHookPath({ sends: false, log: { maxLength: 10 } });
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    const ended: string[] = [];
    for (const _ of range(1, 5)) ended.push(await complete(path));
    const busy = await path.begin();
    // Redis trims in blocks of about 100.
    for (const number of range(1, 400)) await busy.progress(number / 1_000);
    await busy.complete();
    const [oldest] = await path.redis.xrange(path.keys.project(path.projectId).log, '-', '+', 'COUNT', 1);
    expect(Number.parseInt(oldest?.[0] ?? '', 10)).toBeGreaterThan(15);
    path.dispatch();
    await until(() => receiver.received.length === 6);
    const later = await complete(path);
    await until(() => receiver.received.length === 7);
    const told = receiver.received.map(({ body }) => body.data.job.id);
    expect(told.toSorted()).toEqual([...ended, busy.state.id, later].toSorted());
  });

  test('and forgotten altogether, too, but not the endings from before the webhook was made', async () => {
    const path = createHookPath({ sends: false });
    const { log, meta } = path.keys.project(path.projectId);
    await complete(path);
    path.clock.time = Date.now() + 1;
    await until(() => Date.now() > path.clock.time);
    const receiver = await Receiver.start();
    await path.hook(receiver.url);
    const missed = await complete(path);
    await path.redis.unlink(log, meta);
    const later = await complete(path);
    path.clock.time = Date.now();
    path.dispatch();
    await until(() => receiver.received.length === 2);
    expect(receiver.received.map(({ body }) => body.data.job.id)).toEqual([missed, later]);
  });
});

describe('what is stored and cannot be read', () => {
  test('holds up nothing else of the webhook, or of others', async () => {
    const path = createHookPath({ sends: false });
    const [receiver, other] = [await Receiver.start(), await Receiver.start()];
    const [broken, whole] = [await path.hook(receiver.url), await path.hook(other.url)];
    const lost = await path.hook(receiver.url);
    const { settings } = path.keys.project(path.projectId).webhook(lost.webhook.id);
    await path.redis.unlink(settings);
    await path.redis.set(settings, 'no hash');
    const jobId = await complete(path);
    const first = path.dispatch({ post: { policy: { allowsPrivate: false } } });
    await until(async () => (await path.newest(broken.webhook.id))?.attempts === 1);
    await until(async () => (await path.newest(whole.webhook.id))?.attempts === 1);
    await first.close();
    const { records } = path.keys.project(path.projectId).webhook(broken.webhook.id);
    const [deliveryId = ''] = await path.redis.hkeys(records);
    await path.redis.hset(records, deliveryId, 'no JSON');
    path.clock.time += 60_000;
    path.dispatch();
    await until(() => other.received.length === 1);
    const next = await complete(path);
    await until(() => receiver.received.length === 1);
    expect(receiver.received[0]?.body.data.job.id).toBe(next);
    expect(other.received[0]?.body.data.job.id).toBe(jobId);
  });
});

test('a result that is too long is left out, and all else is told', async () => {
  const path = createHookPath();
  const receiver = await Receiver.start();
  await path.hook(receiver.url);
  const writer = await path.begin();
  await writer.complete(1, { text: '가'.repeat(100_000) });
  await until(() => receiver.received.length === 1);
  expect(receiver.received[0]?.body).toMatchObject({
    type: 'job.completed',
    data: { job: { id: writer.state.id, status: 'COMPLETED' }, result: { truncated: true } },
  });
});

test('of what is over, the newest 100 are kept', async () => {
  const path = createHookPath();
  const receiver = await Receiver.start();
  const { webhook } = await path.hook(receiver.url);
  for (const _ of range(1, 110)) await complete(path);
  await until(() => receiver.received.length === 110);
  const keys = path.keys.project(path.projectId).webhook(webhook.id);
  await until(async () => (await path.redis.zcard(keys.waiting)) === 0);
  const counts = await Promise.all([
    path.redis.zcard(keys.deliveries),
    path.redis.zcard(keys.finished),
    path.redis.hlen(keys.records),
    path.redis.hlen(keys.bodies),
    path.redis.zcard(keys.due),
  ]);
  expect(counts).toEqual([100, 100, 100, 100, 0]);
  await path.commands.delete(path.projectId, webhook.id);
  expect(await path.redis.keys(`${keys.settings}*`)).toEqual([]);
});
