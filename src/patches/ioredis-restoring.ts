/**
 * ioredis 6.0.0: after a reconnect it subscribes and selects again, and awaits no answer. A failure, when the connection ends
 * meanwhile for example, would end the process as an unhandled rejection. Whoever calls these methods still gets the failure.
 *
 * Upstream: https://github.com/redis/ioredis/pull/2187, merged and not in a release yet.
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
