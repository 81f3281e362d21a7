/**
 * The Pub/Sub under the feeds: graphql-redis-subscriptions on our own ioredis connections.
 *
 * It keeps one Redis subscription per channel, hands each message to the listeners of the channel, and reports when Redis has
 * acknowledged the subscription. GraphQL subscriptions don't iterate over it: a message lost during a reconnect would be lost
 * to them (G1), so a feed takes messages as a doorbell, and reads the log.
 */
import { RedisPubSub } from 'graphql-redis-subscriptions';
import type { Redis } from 'ioredis';
import { clusterFront, serverFront } from '../patches/redis-pub-sub-front.ts';
import { clusterOf } from '../redis/cluster.ts';
import type { Channel } from './feed.ts';

/** On a Cluster, a project's messages stay with the nodes of its slot. */
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
