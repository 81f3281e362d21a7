/**
 * ioredis 6.0.0: one write for the commands of many. What is sent within a few turns of the event loop leaves together.
 *
 * ioredis writes each command by itself, and a write to a socket whose other side sleeps costs more than all the rest of a
 * command. What answers to one packet of Redis, or is asked for by one of a client, comes in the same turn or the next;
 * when nothing else is to be done, three turns take some 20 µs.
 *
 * Upstream: https://github.com/redis/ioredis/pull/343 proposed this; it became `enableAutoPipelining`, which gathers the
 * commands of one turn alone.
 * It can go when "ioredis still writes each command by itself" fails (test/patches/needed.test.ts).
 */
import type { Redis } from 'ioredis';
import { afterTurns } from '../core/turns.ts';

/** One gathers hardly anything while Redis answers one by one; more than three gained nothing (docs/decisions/0016-cost-of-a-job.md). */
const TURNS = 3;

/** Has a client, from its next connection on, write so. Order and answers stay as they are. */
export function gatherWrites(client: Redis): void {
  client.on('connect', () => gather(client.stream));
}

type Stream = Redis['stream'];

function gather(stream: Stream): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isHeld = false;
  const release = (): void => {
    isHeld = false;
    stream.uncork();
  };
  // A socket tells nobody that it is written to, so its own method is what has to be replaced.
  stream.write = (...args: unknown[]): boolean => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      afterTurns(TURNS, release);
    }
    return write(...args);
  };
}
