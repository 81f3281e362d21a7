/** A server process under measurement: it reports when it is ready, and on request what it has used. */

interface Ask {
  readonly ask: number | 'end';
  readonly collect?: boolean;
}

export interface Usage {
  /** User and system time of the process so far. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** The server's own counters. */
  readonly counters: Readonly<Record<string, number>>;
}

/** @param counters read with every answer */
export function reportReady(
  port: number,
  counters: () => Readonly<Record<string, number>> = () => ({}),
): void {
  process.on('message', ({ ask, collect }: Ask) => {
    if (ask === 'end') {
      process.exit(0);
    }
    if (collect === true) for (let round = 0; round < 4; round += 1) globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const usage: Usage = {
      cpuMicros: user + system,
      rssBytes: rss,
      heapBytes: heapUsed,
      counters: counters(),
    };
    process.send?.({ answer: ask, usage });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ answer: 'ready', port });
}
