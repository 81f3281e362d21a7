/**
 * Resumes while events are written, with pauses inserted wherever the path waits for Redis. Each resume must deliver exactly
 * the events after its cursor, in order, up to the moment at which it is left.
 */

import { pause } from '../../src/core/pause.ts';
import { encodeCursor } from '../../src/log/cursor.ts';
import { ORIGIN, type Position } from '../../src/progress/position.ts';
import { writeJob } from '../setup/harness.ts';
import type { FaultOptions } from './kit/fault.ts';
import { openProcess } from './kit/process.ts';
import { type Random, seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis } from './kit/stack.ts';

const AT_ONCE = 40;
const PAUSES_MS = [0, 0, 0, 1, 3] as const;
/** The project changes regularly, so that feeds begin anew and histories stay short. */
const RESUMES_PER_PROJECT = 400;

export async function resumes({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const redis = await FaultyRedis.launch();
  const writer = openProcess(redis.url);
  const reader = openProcess(redis.url, (part) => pausing(part, random));
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  let events = 0;
  try {
    for (let done = 0; done < rounds; done += RESUMES_PER_PROJECT) {
      const projectId = `resumes-${done}`;
      const written = new Written(writer, projectId);
      const writing = written.run();
      const count = Math.min(RESUMES_PER_PROJECT, rounds - done);
      let left = count;
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (left > 0) {
            left -= 1;
            const began = performance.now();
            const divergence = await resumeOnce(reader, projectId, written, random);
            recoveryMs.push(performance.now() - began);
            if (divergence !== null) anomalies.push(`${projectId}: ${divergence}`);
          }
        }),
      );
      written.stop();
      await writing;
      events += written.events.length;
    }
  } finally {
    await Promise.all([writer.close(), reader.close()]);
    await redis.remove();
  }
  return { fault: 'resume while publishing', rounds, anomalies, recoveryMs, counts: { events } };
}

/** Makes calls that return a promise begin and end a moment later. */
function pausing<T extends object>(part: T, random: Random): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'unsubscribe') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (...args: unknown[]) => {
        await pause(random.pick([...PAUSES_MS]));
        const answer: unknown = await Reflect.apply(value, target, args);
        await pause(random.pick([...PAUSES_MS]));
        return answer;
      };
    },
  });
}

/** Writes continuously, and records what it has written. */
class Written {
  readonly events: Position[] = [];
  readonly #writer: ReturnType<typeof openProcess>;
  readonly #projectId: string;
  #stopped = false;

  constructor(writer: ReturnType<typeof openProcess>, projectId: string) {
    this.#writer = writer;
    this.#projectId = projectId;
  }

  async run(): Promise<void> {
    const job = await writeJob(this.#writer.log, this.#projectId, 2);
    this.events.push(...(await this.#writer.log.readAfter(this.#projectId, ORIGIN, 100)));
    for (let count = 1; !this.#stopped; count += 1) {
      const { position } = await job.progress((count % 1_000) / 1_000);
      this.events.push(position);
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

async function resumeOnce(
  reader: ReturnType<typeof openProcess>,
  projectId: string,
  written: Written,
  random: Random,
): Promise<string | null> {
  while (written.events.length < 3) await pause(1);
  const recent = Math.max(0, written.events.length - 200);
  const cursor = written.events[recent + random.below(written.events.length - recent)];
  if (cursor === undefined) return null;
  const stream = await reader.open({ projectId, after: encodeCursor(cursor) });
  try {
    // A little past what was there when the stream was opened.
    const end = written.events.length + random.below(10);
    for (let seq = cursor.seq + 1; seq <= end; seq += 1) {
      const { value } = await stream.next();
      if (value?.seq !== seq) return `after ${cursor.seq}: expected ${seq}, received ${value?.seq}`;
    }
    return null;
  } finally {
    stream.close();
  }
}
