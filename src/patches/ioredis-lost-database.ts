/**
 * ioredis 6.0.0: reconnects if the server does not have the connection's database, as after a restart with fewer of them.
 * ioredis itself goes on with database 0. At startup such a URL is refused (redis/server-check.ts).
 *
 * Upstream: no issue that we know of.
 * It can go when "a server that comes back with fewer databases" passes without it (test/redis/access.test.ts).
 */
import type { Redis } from 'ioredis';

export function stayOnDatabase(client: Redis): void {
  const select = client.select.bind(client);
  client.select = ((...args: Parameters<typeof select>) => {
    const answer = select(...args);
    answer.catch((error: Error) => {
      // Only for an answer of the server, not when the connection ends.
      if (error.name === 'ReplyError') client.disconnect(true);
    });
    return answer;
  }) as typeof client.select;
}
