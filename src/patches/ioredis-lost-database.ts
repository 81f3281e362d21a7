/**
 * ioredis 6.0.0: has a connection made anew whose server has not got its database, as after a restart with fewer of them.
 * ioredis goes on with database 0. At start such a URL is refused (redis/server-check.ts).
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
      // The server's answer, not the end of the connection.
      if (error.name === 'ReplyError') client.disconnect(true);
    });
    return answer;
  }) as typeof client.select;
}
