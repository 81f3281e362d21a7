/**
 * graphql-redis-subscriptions 2.7.0: a Redis client in the form that its RedisPubSub expects.
 *
 * RedisPubSub leaves promises unawaited (a failed SUBSCRIBE, the UNSUBSCRIBE and PUNSUBSCRIBE of `unsubscribe`), each of which
 * would end the process as an unhandled rejection. This front never reports a failure: SUBSCRIBE is repeated until Redis
 * acknowledges it, which is what a feed waits for anyway. RedisPubSub also does not support sharded Pub/Sub.
 *
 * Upstream: https://github.com/davidyaha/graphql-redis-subscriptions/issues/593
 * It can go when "RedisPubSub still awaits no answer" fails (test/patches/needed.test.ts), except for sharded Pub/Sub.
 */
import type { Redis } from 'ioredis';

type OnMessage = (channel: Buffer, message: Buffer) => void;

/** The part of a client that RedisPubSub uses. */
interface Front {
  on(event: string, listener: OnMessage): void;
  subscribe(channel: string, acknowledged: (error?: Error | null) => void): void;
  unsubscribe(channel: string): void;
  punsubscribe(): void;
}

export function serverFront(subscriber: Redis): Front {
  return {
    on: (event, listener) => void subscriber.on(event, listener),
    subscribe: (channel, acknowledged) =>
      insist(subscriber, () => subscriber.subscribe(channel), acknowledged),
    unsubscribe: (channel) => void subscriber.unsubscribe(channel).catch(ignoreClosed),
    punsubscribe: () => {},
  };
}

/**
 * Uses sharded Pub/Sub, where messages stay with the nodes of their channel's slot. Redis 6.2 does not have it: append.lua then
 * publishes to the whole Cluster, and this listens there.
 */
export function clusterFront(subscriber: Redis): Front {
  const subscribe = async (channel: string): Promise<void> => {
    try {
      await subscriber.ssubscribe(channel);
    } catch (error) {
      if (!/unknown command|NOPERM/i.test(String(error))) throw error;
      await subscriber.subscribe(channel);
    }
  };
  return {
    on: (_, listener) => {
      subscriber.on('smessageBuffer', listener);
      subscriber.on('messageBuffer', listener);
    },
    subscribe: (channel, acknowledged) => insist(subscriber, () => subscribe(channel), acknowledged),
    unsubscribe: (channel) => {
      subscriber.sunsubscribe(channel).catch(ignoreClosed);
      subscriber.unsubscribe(channel).catch(ignoreClosed);
    },
    punsubscribe: () => {},
  };
}

const SUBSCRIBE_AGAIN_MS = 500;

function insist(subscriber: Redis, send: () => Promise<unknown>, acknowledged: () => void): void {
  send().then(
    () => acknowledged(),
    () => {
      if (subscriber.status === 'end') return;
      setTimeout(() => insist(subscriber, send, acknowledged), SUBSCRIBE_AGAIN_MS).unref();
    },
  );
}

/** An UNSUBSCRIBE can only fail on a connection that is gone, along with the subscription. */
function ignoreClosed(): void {}
