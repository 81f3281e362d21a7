/** The Pub/Sub layer under the feeds: graphql-redis-subscriptions on our own ioredis connections. */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import { clusterOf } from '../redis/cluster.ts';
import type { Channel } from './feed.ts';

/**
 * One Redis subscription per channel and process; on a Cluster with sharded Pub/Sub, where a project's messages stay with
 * the nodes of its slot.
 *
 * RedisPubSub leaves promises nobody awaits (a failed SUBSCRIBE, the UNSUBSCRIBE and PUNSUBSCRIBE of `unsubscribe`), and
 * each would end the process as an unhandled rejection. It therefore gets a front that never reports a failure: SUBSCRIBE
 * is repeated until Redis acknowledges it, which is what the feed waits for anyway.
 */
export function createChannel(subscriber: Redis, publisher: Redis): Channel {
  const front = clusterOf(subscriber) === null ? serverFront(subscriber) : clusterFront(subscriber);
  const pubSub = new RedisPubSub({
    // Its types name the ioredis version it bundles; it uses only the four methods of Front.
    subscriber: front as never,
    publisher: publisher as never,
    // Messages come as bytes: its string path parses each as JSON, which ours are not.
    messageEventName: 'messageBuffer',
  });
  return {
    subscribe: (channel, onMessage) =>
      pubSub.subscribe(channel, (message: Buffer) => onMessage(message.toString('utf8'))),
    unsubscribe: (id) => pubSub.unsubscribe(id),
  };
}

type OnMessage = (channel: Buffer, message: Buffer) => void;

/** The part of a client that RedisPubSub uses. */
interface Front {
  on(event: string, listener: OnMessage): void;
  subscribe(channel: string, acknowledged: (error?: Error | null) => void): void;
  unsubscribe(channel: string): void;
  punsubscribe(): void;
}

function serverFront(subscriber: Redis): Front {
  return {
    on: (event, listener) => void subscriber.on(event, listener),
    subscribe: (channel, acknowledged) =>
      insist(subscriber, () => subscriber.subscribe(channel), acknowledged),
    unsubscribe: (channel) => void subscriber.unsubscribe(channel).catch(ignoreClosed),
    punsubscribe: () => {},
  };
}

/** Redis 6.2 has no sharded Pub/Sub: append.lua then publishes to the whole Cluster, and this listens there. */
function clusterFront(subscriber: Redis): Front {
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

/** An UNSUBSCRIBE can only fail on a connection that is gone, and with it the subscription. */
function ignoreClosed(): void {}
