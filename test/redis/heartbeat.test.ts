/** Workers that say that they are there, on machines whose clocks differ. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { countWorkers, findMissingAbility, listOffers, startHeartbeat } from '../../src/redis/heartbeat.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const HOUR_MS = 3_600_000;
const OFFER = { slots: 2, setups: { AUDIO: 'local' } };

afterEach(() => vi.restoreAllMocks());

/** This machine's clock from now on. */
function setClock(aheadMs: number): void {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now.call(Date) + aheadMs);
}

test.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])(
  'a worker whose clock is an hour %s counts, with what it can do, until it leaves',
  async (_what, aheadMs) => {
    const redis = connect();
    const keys = createKeys(unique('beat'));
    setClock(aheadMs);
    const beat = startHeartbeat({
      redis,
      keys,
      logger: silentLogger,
      abilities: async () => ['speech:en', 'speech:ko'],
      offer: OFFER,
    });
    await until(
      async () => (await redis.zcard(keys.workers)) === 1 && (await redis.zcard(keys.abilities)) === 2,
    );
    vi.restoreAllMocks();
    expect(await countWorkers(redis, keys)).toBe(1);
    expect(await listOffers(redis, keys)).toEqual([OFFER]);
    expect(await findMissingAbility(redis, keys, ['speech:en', 'speech:fr'])).toBe('speech:fr');
    await beat.close();
    expect(await countWorkers(redis, keys)).toBe(0);
  },
);

/** A worker that spoke so many ms after now, by Redis' clock. */
async function lastHeard(aheadMs: number) {
  const redis = connect();
  const keys = createKeys(unique('beat'));
  const [seconds] = await redis.time();
  const at = Number(seconds) * 1_000 + aheadMs;
  await Promise.all([redis.zadd(keys.workers, at, 'one 1'), redis.zadd(keys.abilities, at, 'speech:en')]);
  return { keys, redis };
}

test.each([
  ['10 s ago', -11_000],
  ['in an hour, by a clock that has been set back since', HOUR_MS],
])('one that was last heard of %s does not count', async (_what, aheadMs) => {
  const { keys, redis } = await lastHeard(aheadMs);
  expect(await countWorkers(redis, keys)).toBe(0);
  expect(await listOffers(redis, keys)).toEqual([]);
  expect(await findMissingAbility(redis, keys, ['speech:en'])).toBe('speech:en');
});

test.each([
  ['6 s ago', -6_000],
  ['in 6 s, by a clock that has been set back since', 6_000],
])('one that was last heard of %s counts', async (_what, aheadMs) => {
  // Asked before the limit of 10 s has passed.
  await until(async () => {
    const { keys, redis } = await lastHeard(aheadMs);
    const count = await countWorkers(redis, keys);
    return count === 1 && (await findMissingAbility(redis, keys, ['speech:en'])) === undefined;
  });
});

test('what was said over 200 s before or behind is forgotten when a worker speaks', async () => {
  const redis = connect();
  const keys = createKeys(unique('beat'));
  const [seconds] = await redis.time();
  for (const ahead of [-220, -180, 180, 220])
    await redis.zadd(keys.abilities, (Number(seconds) + ahead) * 1_000, `${ahead}`);
  const abilities = async () => ['speech:en'];
  const beat = startHeartbeat({ redis, keys, logger: silentLogger, abilities, offer: OFFER });
  await until(async () => (await redis.zscore(keys.abilities, 'speech:en')) !== null);
  expect(await redis.zrangebyscore(keys.abilities, '-inf', '+inf')).toEqual(['-180', 'speech:en', '180']);
  await beat.close();
});

test('nothing is asked of Redis for what needs no ability', async () => {
  const away = connect('redis://127.0.0.1:1');
  expect(await findMissingAbility(away, createKeys(), [])).toBeUndefined();
});

test('what no worker of ours says is no offer, and is noted as damaged', async () => {
  const redis = connect();
  const keys = createKeys(unique('beat'));
  const [seconds] = await redis.time();
  const at = Number(seconds) * 1_000;
  const noted: string[] = [];
  const damaged = {
    note: (kind: string, where: string, problem: string) => noted.push(`${kind} ${where}: ${problem}`),
  };
  for (const member of ['a', 'b 10000 AUDIO=local', 'c 0', 'd 10001', 'e 1.5', 'f many']) {
    await redis.zadd(keys.workers, at, member);
  }
  expect(await listOffers(redis, keys, damaged as never)).toEqual([
    { slots: 1, setups: {} },
    { slots: 10_000, setups: { AUDIO: 'local' } },
  ]);
  expect(noted).toEqual(
    ['c 0', 'd 10001', 'e 1.5', 'f many'].map(
      (member) => `worker_offer ${keys.workers} ${member}: expected a number of slots`,
    ),
  );
});

test('a worker that cannot say what it can do says so in its log, and goes on', async () => {
  const redis = connect();
  const keys = createKeys(unique('beat'));
  const logger = keepLog();
  const err = new Error('no such tool');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let isBroken = true;
  const abilities = async (): Promise<readonly string[]> => {
    if (isBroken) throw err;
    return ['speech:en'];
  };
  const beat = startHeartbeat({ redis, keys, logger, abilities, offer: OFFER });
  await until(() => logger.lines.length === 1);
  expect(logger.lines).toEqual([{ level: 'warn', err, text: 'heartbeat failed' }]);
  expect(await countWorkers(redis, keys)).toBe(0);
  isBroken = false;
  vi.advanceTimersByTime(1_999);
  expect(await countWorkers(redis, keys)).toBe(0);
  vi.advanceTimersByTime(1);
  await until(async () => (await countWorkers(redis, keys)) === 1);
  await beat.close();
  expect([await countWorkers(redis, keys), vi.getTimerCount()]).toEqual([0, 0]);
});
