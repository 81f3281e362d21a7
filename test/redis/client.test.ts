/** A connection to Redis: how it comes back, how it is found to be dead, and how a wait for its answer is limited. */
import { once } from 'node:events';
import { type Redis, ReplyError } from 'ioredis';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { closeRedis, connectRedis, lastTroubleOf, withDeadline } from '../../src/redis/client.ts';
import { type KeyedCommand, sendEach, sendMany, WrongType } from '../../src/redis/cluster.ts';
import { onRefusal } from '../../src/redis/replies.ts';
import { until } from '../setup/deadline.ts';
import { connect, OwnRedis, unique } from '../setup/harness.ts';

beforeEach(() => () => void vi.useRealTimers());

describe('a connection whose other side says nothing', () => {
  /** A redis-server that the test stops and lets go on, a connection to it, and the time that passes for that. */
  async function setUp() {
    const own = await OwnRedis.launch();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const client = connectRedis(own.url, () => {});
    onTestFinished(() => client.disconnect());
    await once(client, 'ready');
    let closed = 0;
    client.on('close', () => {
      closed += 1;
    });
    return {
      client,
      closed: () => closed,
      freeze: () => own.freeze(),
      thaw: () => own.thaw(),
      /** Whatever was sent before is answered. */
      answered: () => client.ping(),
    };
  }

  test('is made anew when a ping has not been answered for 8 s, and serves again', async () => {
    const { answered, client, closed, freeze, thaw } = await setUp();
    for (let round = 0; round < 3; round += 1) {
      vi.advanceTimersByTime(8_000);
      await answered();
    }
    vi.advanceTimersByTime(7_999);
    freeze();
    // The ping, and the time for its answer.
    vi.advanceTimersByTime(1 + 8_000 + 99);
    expect([client.status, closed()]).toEqual(['ready', 0]);
    vi.advanceTimersByTime(1);
    const anew = once(client, 'reconnecting');
    // So long it waits for the old socket to end.
    vi.advanceTimersByTime(2_000);
    await anew;
    thaw();
    const ready = once(client, 'ready');
    vi.advanceTimersByTime(1_000);
    await ready;
    expect(await client.set(unique('key'), 'written')).toBe('OK');
  });

  test('goes on when the answer lay in the socket while this process stood still', async () => {
    const { answered, client, closed, freeze, thaw } = await setUp();
    freeze();
    vi.advanceTimersByTime(8_000 + 8_000 + 99);
    thaw();
    await answered();
    vi.advanceTimersByTime(8_000);
    await answered();
    expect([client.status, closed()]).toEqual(['ready', 0]);
  });

  test('is looked at no more once it has been closed', async () => {
    const { client } = await setUp();
    vi.advanceTimersByTime(8_000);
    const ended = once(client, 'end');
    await closeRedis(client);
    await ended;
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a lost connection is tried again after 50 ms to 100 ms, twice that each time, and after a second at most', () => {
  const { retryStrategy } = connect().options;
  const delays = (random: number): unknown[] => {
    return [1, 2, 3, 4, 5, 6, 7, 1_000].map((tries) => {
      vi.spyOn(Math, 'random').mockReturnValueOnce(random);
      return retryStrategy?.(tries);
    });
  };
  onTestFinished(() => void vi.restoreAllMocks());
  expect(delays(0)).toEqual([50, 100, 200, 400, 500, 500, 500, 500]);
  expect(delays(1)).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]);
});

test('why a connection does not serve is known for 5 s', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const [client, other] = [connect(), connect()];
  const fail = (message: string) => client.emit('error', new ReplyError(message));
  expect(lastTroubleOf(client)).toBeNull();
  fail('LOADING Redis is loading the dataset in memory');
  fail('WRONGTYPE Operation against a key');
  vi.advanceTimersByTime(4_999);
  expect([lastTroubleOf(client)?.code, lastTroubleOf(other)]).toEqual(['LOADING', null]);
  vi.advanceTimersByTime(1);
  expect(lastTroubleOf(client)).toBeNull();
});

describe('a wait for an answer', () => {
  test('ends as UNAVAILABLE after 2 s, or the time that was named', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (const limitMs of [undefined, 500]) {
      let failed: unknown;
      const waiting = withDeadline(new Promise(() => {}), limitMs).catch((error: unknown) => {
        failed = error;
      });
      const wholeMs = limitMs ?? 2_000;
      vi.advanceTimersByTime(wholeMs - 1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(failed).toBeUndefined();
      vi.advanceTimersByTime(1);
      await waiting;
      expect(failed).toMatchObject({
        code: 'UNAVAILABLE',
        message: `Redis did not answer within ${wholeMs} ms; try again shortly`,
      });
    }
    expect(await withDeadline(Promise.resolve('answer'))).toBe('answer');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not take this process’ own lag for silence', async () => {
    const answer = new Promise((resolve) => setImmediate(() => resolve('answer')));
    const waiting = withDeadline(answer, 20);
    const end = performance.now() + 50;
    while (performance.now() < end);
    expect(await waiting).toBe('answer');
  });

  test('ends as UNAVAILABLE when Redis is away or refuses; operators are told of a refusal alone', async () => {
    const refusals: string[] = [];
    onTestFinished(onRefusal(({ code }) => refusals.push(code)));
    const errorOf = (error: Error): Promise<unknown> =>
      withDeadline(Promise.reject(error)).catch((thrown: unknown) => thrown);
    const loading = new ReplyError('LOADING Redis is loading the dataset in memory');
    expect(await errorOf(loading)).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'Redis is being changed over; try again shortly',
      cause: loading,
    });
    expect(refusals).toEqual([]);
    expect(await errorOf(new ReplyError('OOM command not allowed'))).toMatchObject({
      code: 'UNAVAILABLE',
      message: 'Redis refuses to work at the moment; try again shortly',
    });
    expect(refusals).toEqual(['OOM']);
    const ours = [new ReplyError('WRONGTYPE Operation against a key'), new PlayheadError('NOT_FOUND', 'OOM')];
    for (const error of ours) expect(await errorOf(error)).toBe(error);
    expect(refusals).toEqual(['OOM']);
  });
});

test('commands that are sent together are answered in their order; a key of another type stops only who cannot do without', async () => {
  const redis = connect();
  const [text, list, none] = [unique('text'), unique('list'), unique('none')];
  await redis.set(text, 'written');
  await redis.rpush(list, 'one');
  const reads = (...keys: string[]): KeyedCommand[] => keys.map((key) => ['get', key]);
  expect(await sendMany(redis, reads(text, none))).toEqual(['written', null]);
  const [first, wrong, last] = await sendEach(redis, reads(text, list, none));
  expect([first, last]).toEqual(['written', null]);
  expect(wrong).toBeInstanceOf(WrongType);
  await expect(sendMany(redis, reads(text, list))).rejects.toBeInstanceOf(WrongType);
  await expect(sendEach(redis, [['set', text, 'again', 'PX', 'long']])).rejects.toThrow('not an integer');
});

describe('closing', () => {
  test('awaits what was sent before', async () => {
    const client = connect();
    await client.ping();
    const answer = client.echo('sent before');
    await closeRedis(client);
    expect(await answer).toBe('sent before');
  });

  test('ends the connection of a Redis that does not take its goodbye', async () => {
    const client = connect();
    await client.ping();
    vi.spyOn(client, 'quit').mockRejectedValueOnce(new ReplyError('BUSY a script keeps it busy'));
    const ended = once(client, 'end');
    await closeRedis(client);
    await ended;
  });

  test('waits for no Redis that is away', async () => {
    const own = await OwnRedis.launch();
    const client: Redis = connect(own.url);
    await client.ping();
    await own.stop();
    await until(() => client.status !== 'ready');
    await closeRedis(client);
  });
});
