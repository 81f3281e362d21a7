/** What the patches in src/patches are there for, shown on the packages themselves: a test that fails says which can go. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildSchema } from 'graphql';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { makeServer } from 'graphql-ws';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { asText, isServersMessage } from '../../src/patches/graphql-ws-messages.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';

function connect(): Redis {
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** An answer that notes whether somebody cares how it ends. */
function watched(): { readonly answer: Promise<never>; readonly isAwaited: () => boolean } {
  let awaited = false;
  const answer = {
    // biome-ignore lint/suspicious/noThenProperty: it stands for a promise, of which it is to be seen whether it is awaited.
    then: () => {
      awaited = true;
    },
    catch: () => {
      awaited = true;
    },
  };
  // A promise as far as those who are watched use one.
  return { answer: answer as unknown as Promise<never>, isAwaited: () => awaited };
}

test('ioredis still writes each command by itself', async () => {
  const redis = connect();
  await redis.ping();
  const spies = [vi.spyOn(redis.stream, '_write'), vi.spyOn(redis.stream, '_writev' as '_write')];
  await Promise.all(range(1, 3).map(() => redis.ping()));
  expect(spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)).toBeGreaterThan(1);
  for (const spy of spies) spy.mockRestore();
});

test('ioredis still awaits no answer when it subscribes again after a reconnect', async () => {
  const redis = connect();
  await redis.subscribe(unique('channel'));
  const { answer, isAwaited } = watched();
  const again = vi.spyOn(redis, 'subscribe').mockReturnValue(answer);
  redis.disconnect(true);
  await until(() => again.mock.calls.length > 0);
  expect(isAwaited()).toBe(false);
});

test('ioredis still hears one error of a connection only', async () => {
  // In a process of its own, where nothing has patched ioredis.
  const program = `
    import { Redis } from 'ioredis';
    const redis = new Redis(process.argv[1]);
    redis.on('error', () => {});
    await redis.ping();
    const { stream } = redis;
    redis.disconnect();
    stream.emit('error', new Error('the first'));
    stream.emit('error', new Error('another'));
  `;
  const run = promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
    inject('redisUrl'),
  ]);
  await expect(run).rejects.toThrow('Error: another');
});

test('RedisPubSub still awaits no answer of Redis when it lets go of a channel', async () => {
  const [subscriber, publisher] = [connect(), connect()];
  const pubSub = new RedisPubSub({ subscriber: subscriber as never, publisher: publisher as never });
  const id = await pubSub.subscribe(unique('channel'), () => {});
  const { answer, isAwaited } = watched();
  vi.spyOn(subscriber, 'unsubscribe').mockReturnValue(answer);
  pubSub.unsubscribe(id);
  expect(isAwaited()).toBe(false);
});

/** One connection of graphql-ws, and what it says and does. */
function openProtocol(): { readonly handle: (text: string) => Promise<void>; readonly sent: string[] } {
  const sent: string[] = [];
  let handle: (text: string) => Promise<void> = async () => {};
  makeServer({ schema: buildSchema('type Query { one: Int }') }).opened(
    {
      protocol: 'graphql-transport-ws',
      send: async (text) => void sent.push(text),
      close: (code) => void sent.push(`closed ${code}`),
      onMessage: (given) => {
        handle = given;
      },
    },
    {},
  );
  return { handle: (text) => handle(text), sent };
}

test('graphql-ws still throws for messages that only servers send, and closes for other wrong ones', async () => {
  const { handle, sent } = openProtocol();
  const thrown = await handle('{"type":"next","id":"1","payload":{}}').catch((error: unknown) => error);
  expect([isServersMessage(thrown), sent]).toEqual([true, []]);
  await handle('{"type":"nonsense"}');
  expect(sent).toEqual(['closed 4400']);
});

test('graphql-ws still takes a message that was parsed, as its types do not say', async () => {
  const { handle, sent } = openProtocol();
  await handle(asText({ type: 'connection_init' }));
  expect(sent.map((text) => JSON.parse(text))).toMatchObject([{ type: 'connection_ack' }]);
});
