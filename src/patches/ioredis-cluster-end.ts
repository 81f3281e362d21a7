/**
 * ioredis 6.0.0: makes a Cluster's client emit `end` even if a `connect` has overtaken a `disconnect`, which it then forgets.
 * After an outage, BullMQ's worker (6.7.0) resets its blocking connection, a duplicate of ours, and waits for that `end`:
 * without it, the worker takes no more jobs.
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
  // Emitted after the listeners that wait for `ready`, which would treat an `end` as a failure.
  cluster.on('ready', () => setImmediate(() => isDue && cluster.emit('end')));
  cluster.duplicate = ((...args) => endsAlways(duplicate(...args))) as typeof cluster.duplicate;
  return cluster;
}
