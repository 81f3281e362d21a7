/**
 * ioredis 6.0.0: has a Cluster's client say `end` also when a `connect` has overtaken a `disconnect`, which it forgets then.
 * BullMQ's worker (6.7.0) resets its blocking connection, a duplicate of ours, after an outage, and waits for that `end`:
 * without it, it takes no more jobs.
 *
 * Upstream: https://github.com/taskforcesh/bullmq/issues/4138
 * It can go when "a disconnect that a connect overtakes still ends" passes without it (test/redis/cluster.test.ts).
 */
import type { Cluster } from 'ioredis';

export function endsAlways(cluster: Cluster): Cluster {
  const disconnect = cluster.disconnect.bind(cluster);
  const duplicate = cluster.duplicate.bind(cluster);
  let isDue = false;
  cluster.disconnect = (reconnect = false) => {
    isDue ||= !reconnect;
    disconnect(reconnect);
  };
  cluster.on('end', () => {
    isDue = false;
  });
  // It comes after those who wait for `ready`, since they would take an `end` for a failure.
  cluster.on('ready', () => setImmediate(() => isDue && cluster.emit('end')));
  cluster.duplicate = ((...args) => endsAlways(duplicate(...args))) as typeof cluster.duplicate;
  return cluster;
}
