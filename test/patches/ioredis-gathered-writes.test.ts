import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';

/** Sends three commands, one of them a turn later. @returns their answers, and how often the socket was written to */
async function sendThree(redis: Redis): Promise<{ readonly answers: unknown[]; readonly writes: number }> {
  const key = unique('key');
  // What a Writable hands to the operating system goes through these two.
  const spies = [vi.spyOn(redis.stream, '_write'), vi.spyOn(redis.stream, '_writev' as '_write')];
  const first = redis.set(key, 1);
  const second = redis.incr(key);
  await new Promise((resolve) => setImmediate(resolve));
  const answers = await Promise.all([first, second, redis.get(key)]);
  const writes = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return { answers, writes };
}

test('what is sent within a few turns of the event loop leaves as one write, in its order', async () => {
  const redis = connect();
  await redis.ping();
  expect(await sendThree(redis)).toEqual({ answers: ['OK', 2, '2'], writes: 1 });
});

test('also on the connection after a lost one', async () => {
  const [redis, other] = [connect(), connect()];
  const id = await redis.client('ID');
  const before = redis.stream;
  await other.client('KILL', 'ID', id);
  await until(() => redis.stream !== before && redis.status === 'ready');
  expect(await sendThree(redis)).toEqual({ answers: ['OK', 2, '2'], writes: 1 });
});

test('what is held is not lost when the connection is ended meanwhile', async () => {
  const [redis, other] = [connect(), connect()];
  const key = unique('key');
  await redis.ping();
  const said = redis.set(key, 'last word');
  await redis.quit();
  expect([await said, await other.get(key)]).toEqual(['OK', 'last word']);
});
