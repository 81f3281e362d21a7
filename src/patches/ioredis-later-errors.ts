/**
 * ioredis 6.0.0: hears every error of a connection. ioredis itself listens for the first one only, but a TLS connection may have
 * more: when it is ended during its handshake, it may refuse the server's certificate, and then the server objects to how the
 * handshake ended. Nobody would hear that, and it would end the process.
 *
 * Upstream: https://github.com/redis/ioredis/pull/961 proposed this.
 * It can go when "ioredis still hears one error of a connection only" fails (test/patches/needed.test.ts).
 */
import { AbstractConnector, type Redis } from 'ioredis';

type Stream = Redis['stream'];

/**
 * Changes ioredis for the whole process: it opens connections of its own, for subscriptions to a Cluster for example, which take
 * over few of the options of ours. What the first error does stays as it is.
 */
export function hearLaterErrors(): void {
  const connectors = AbstractConnector.prototype;
  if (Object.hasOwn(connectors, 'stream')) return;
  const streams = new WeakMap<object, Stream>();
  Object.defineProperty(connectors, 'stream', {
    get(this: object) {
      return streams.get(this);
    },
    set(this: object, stream: Stream) {
      streams.set(this, stream);
      stream.on('error', () => {});
    },
  });
}
