/**
 * ioredis 6.0.0: one write for many commands. Whatever is sent within a few turns of the event loop leaves together.
 *
 * ioredis writes each command separately, and a write to a socket whose other side sleeps costs more than everything else about
 * a command. Commands that follow from one packet of Redis or of a client come in the same turn or the next; when there is
 * nothing else to do, three turns take about 20 µs.
 *
 * Upstream: https://github.com/redis/ioredis/pull/343 proposed this; it became `enableAutoPipelining`, which gathers only the
 * commands of one turn.
 * It can go when "ioredis still writes each command by itself" fails (test/patches/needed.test.ts).
 */
import type { Redis } from 'ioredis';
import { afterTurns } from '../core/turns.ts';

/**
 * One turn gathers hardly anything while Redis answers commands one by one; more than three gained nothing
 * (docs/decisions/0016-cost-of-a-job.md).
 */
const TURNS = 3;

/** Makes a client gather its writes from its next connection on. Order and answers do not change. */
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
  // A socket emits nothing when it is written to, so its method has to be replaced.
  stream.write = (...args: unknown[]): boolean => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      afterTurns(TURNS, release);
    }
    return write(...args);
  };
}
