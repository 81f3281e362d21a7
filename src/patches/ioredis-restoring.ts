/**
 * ioredis 6.0.0: after a reconnect it subscribes and selects again without awaiting the answers. A failure, for example because
 * the connection has ended meanwhile, would end the process as an unhandled rejection. Callers of these methods still get the
 * failure.
 *
 * Upstream: https://github.com/redis/ioredis/pull/2187, merged but not released yet.
 * It can go when "ioredis still awaits no answer" fails (test/patches/needed.test.ts).
 */
import type { Redis } from 'ioredis';

export function awaitRestoring(client: Redis): void {
  for (const name of ['subscribe', 'psubscribe', 'ssubscribe', 'select'] as const) {
    const send = (client[name] as (...args: unknown[]) => Promise<unknown>).bind(client);
    Reflect.set(client, name, (...args: unknown[]) => {
      const answer = send(...args);
      answer.catch(() => {});
      return answer;
    });
  }
}
