/** The Pub/Sub layer under the feeds: graphql-redis-subscriptions on our own ioredis connections. */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import type { Channel } from './feed.ts';

/**
 * One Redis subscription per channel and process.
 *
 * RedisPubSub leaves promises nobody awaits (a failed SUBSCRIBE, the UNSUBSCRIBE and PUNSUBSCRIBE of `unsubscribe`), and
 * each would end the process as an unhandled rejection. It therefore gets a front that never reports a failure: SUBSCRIBE
 * is repeated until Redis acknowledges it, which is what the feed waits for anyway.
 */
export function createChannel(subscriber: Redis, publisher: Redis): Channel {
  const front = {
    on: subscriber.on.bind(subscriber),
    subscribe: (channel: string, acknowledged: (error?: Error | null) => void): void => {
      subscribePatiently(subscriber, channel, () => acknowledged(null));
    },
    unsubscribe: (channel: string): void => void subscriber.unsubscribe(channel).catch(ignoreClosed),
    punsubscribe: (): void => {},
  };
  const pubSub = new RedisPubSub({
    // Its types name the ioredis version it bundles; it uses only the four methods above.
    subscriber: front as never,
    publisher: publisher as never,
    // As bytes: its string path parses every message as JSON, which ours are not.
    messageEventName: 'messageBuffer',
  });
  return {
    subscribe: (channel, onMessage) =>
      pubSub.subscribe(channel, (message: Buffer) => onMessage(message.toString('utf8'))),
    unsubscribe: (id) => pubSub.unsubscribe(id),
  };
}

const SUBSCRIBE_AGAIN_MS = 500;

function subscribePatiently(subscriber: Redis, channel: string, acknowledged: () => void): void {
  subscriber.subscribe(channel).then(acknowledged, () => {
    if (subscriber.status === 'end') return;
    setTimeout(() => subscribePatiently(subscriber, channel, acknowledged), SUBSCRIBE_AGAIN_MS).unref();
  });
}

/** An UNSUBSCRIBE can only fail on a connection that is gone, and with it the subscription. */
function ignoreClosed(): void {}
