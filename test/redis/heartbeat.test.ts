/** Workers that say that they are there, on machines whose clocks differ. */
import { afterEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { countWorkers, findMissingAbility, listOffers, startHeartbeat } from '../../src/redis/heartbeat.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';

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

test.each([
  ['10 s ago', -11_000],
  ['in an hour, by a clock that has been set back since', HOUR_MS],
])('one that was last heard of %s does not count', async (_what, aheadMs) => {
  const redis = connect();
  const keys = createKeys(unique('beat'));
  const [seconds] = await redis.time();
  const at = Number(seconds) * 1_000 + aheadMs;
  await Promise.all([redis.zadd(keys.workers, at, 'one 1'), redis.zadd(keys.abilities, at, 'speech:en')]);
  expect(await countWorkers(redis, keys)).toBe(0);
  expect(await listOffers(redis, keys)).toEqual([]);
  expect(await findMissingAbility(redis, keys, ['speech:en'])).toBe('speech:en');
});
