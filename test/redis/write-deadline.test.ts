/** Until when Redis may carry out a write, by its own clock. */
import { beforeEach, expect, test, vi } from 'vitest';
import { ServerClock, WriteDeadline } from '../../src/redis/write-deadline.ts';
import { until } from '../setup/deadline.ts';
import { connect } from '../setup/harness.ts';

beforeEach(() => () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function setUp() {
  const redis = connect();
  const time = vi.spyOn(redis, 'time');
  return { redis, asked: () => time.mock.calls.length, time, clock: new ServerClock(redis) };
}

test('the time is that of Redis, which is asked again after 10 s, and when its connection was lost', async () => {
  const { asked, clock, redis } = setUp();
  const redisTime = async (): Promise<number> => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1_000 + Number(micros) / 1_000;
  };
  const before = await redisTime();
  const now = await clock.now();
  expect([before <= now, now <= (await redisTime())]).toEqual([true, true]);
  vi.useFakeTimers({ toFake: ['performance'] });
  clock.forget();
  const first = asked();
  const began = await clock.now();
  vi.advanceTimersByTime(10_000);
  expect([(await clock.now()) - began, asked() - first]).toEqual([10_000, 1]);
  vi.advanceTimersByTime(1);
  await clock.now();
  expect(asked() - first).toBe(2);
  await clock.now();
  expect(asked() - first).toBe(2);
  redis.disconnect(true);
  await until(() => redis.status !== 'ready');
  await until(() => redis.status === 'ready');
  await clock.now();
  expect(asked() - first).toBe(3);
});

test('a question that fails is asked again', async () => {
  const { asked, clock, time } = setUp();
  time.mockRejectedValueOnce(new Error('away'));
  await expect(clock.now()).rejects.toThrow('away');
  expect(await clock.now()).toBeGreaterThan(0);
  expect(asked()).toBe(2);
});

test('a write may be carried out for 60 s, or for the time that was named, and is not sent later', async () => {
  const { clock } = setUp();
  vi.useFakeTimers({ toFake: ['performance'] });
  for (const limitMs of [undefined, 5_000]) {
    const wholeMs = limitMs ?? 60_000;
    const deadline = new WriteDeadline(clock, limitMs);
    // So that it is asked at the same time for both.
    clock.forget();
    expect((await deadline.notAfter()) - (await clock.now())).toBe(wholeMs);
    vi.advanceTimersByTime(wholeMs - 1);
    expect(await deadline.notAfter()).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    await expect(deadline.notAfter()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(deadline.send(() => Promise.reject(new Error('sent')))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  }
});

test('a write that came too late by a clock that was put forward is sent once more, by the time that it has now', async () => {
  const { asked, clock } = setUp();
  await clock.now();
  const sent: number[] = [];
  const answering = (...codes: string[]) => {
    sent.length = 0;
    return (notAfter: number) => {
      sent.push(notAfter);
      return Promise.resolve({ code: codes.shift() ?? 'none left' });
    };
  };
  const send = (...codes: string[]) => new WriteDeadline(clock).send(answering(...codes));
  expect(await send('OK', 'REPEATED')).toEqual({ code: 'OK' });
  expect([sent.length, asked()]).toEqual([1, 1]);
  expect(await send('LATE', 'OK')).toEqual({ code: 'OK' });
  expect([sent.length, asked()]).toEqual([2, 2]);
  await expect(send('LATE', 'LATE', 'OK')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'Redis came to the write too late; nothing was changed, try again',
  });
  expect(sent).toHaveLength(2);
});
