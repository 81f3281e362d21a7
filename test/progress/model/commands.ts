/** The commands of the model test, as fast-check makes and shrinks them. */

import fc from 'fast-check';
import type { AppendMode } from '../../../src/log/append.ts';
import type { Run } from './run.ts';

export const PROCESSES = 2;
const JOBS = ['job-a', 'job-b', 'job-c', 'job-d'];
const MODES: readonly AppendMode[] = ['create', 'begin', 'event', 'release', 'end', 'close', 'retry'];

/** What a job of each status is usually asked for next. */
const NEXT: Readonly<Record<string, readonly AppendMode[]>> = {
  QUEUED: ['begin', 'begin', 'begin', 'close'],
  RUNNING: ['event', 'event', 'event', 'event', 'event', 'end', 'release', 'close'],
  RETRYING: ['begin', 'begin', 'close'],
  FAILED: ['retry'],
  CANCELLED: ['retry'],
  COMPLETED: ['event', 'end', 'retry'],
};

export type Command = fc.AsyncCommand<Run, Counter>;
export interface Counter {
  steps: number;
}

class Act implements Command {
  readonly #name: string;
  readonly #act: (run: Run) => Promise<void>;
  constructor(name: string, act: (run: Run) => Promise<void>) {
    this.#name = name;
    this.#act = act;
  }
  check(): boolean {
    return true;
  }
  async run(model: Run, counter: Counter): Promise<void> {
    counter.steps += 1;
    await this.#act(model);
  }
  toString(): string {
    return this.#name;
  }
}

/** The job's usual next write. */
async function advance(run: Run, jobId: string, choice: number): Promise<void> {
  const job = run.world.jobs.get(jobId);
  const modes = job === undefined ? (['create'] as const) : (NEXT[job.state.status] ?? []);
  const mode = modes[choice % modes.length] ?? 'event';
  const shift = mode === 'begin' && job?.state.status === 'RETRYING' ? 1 : 0;
  await run.append(run.command(mode, jobId, shift));
}

async function work(run: Run, jobId: string, choices: readonly number[]): Promise<void> {
  for (const choice of choices) await advance(run, jobId, choice);
}

const job = fc.constantFrom(...JOBS);
const jobOrAll = fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: job });
const process = fc.nat(PROCESSES - 1);
const place = fc.nat(999).map((thousandths) => thousandths / 1_000);
const choices = (maxLength: number) => fc.array(fc.nat(7), { maxLength });

const advancing = fc
  .tuple(job, choices(8))
  .map(([id, list]) => new Act(`advance ${id} ${list}`, (run) => work(run, id, list)));
const straying = fc
  .tuple(
    fc.constantFrom(...MODES),
    job,
    fc.integer({ min: -1, max: 2 }),
    fc.option(fc.constantFrom('k1', 'k2')),
  )
  .map(
    ([mode, id, shift, key]) =>
      new Act(`stray ${mode} ${id} ${shift} ${key}`, (run) =>
        run.append(run.command(mode, id, shift, key ?? undefined)),
      ),
  );
const repeating = fc
  .tuple(job, fc.nat(5))
  .map(([id, back]) => new Act(`repeat ${id} ${back}`, (run) => run.repeat(id, back)));
const subscribing = fc
  .tuple(process, jobOrAll, fc.boolean())
  .map(
    ([at, jobId, snapshot]) =>
      new Act(`subscribe ${at} ${jobId} ${snapshot}`, (run) => run.subscribe(at, { jobId, snapshot })),
  );
const resuming = fc
  .tuple(process, jobOrAll, place)
  .map(
    ([at, jobId, where]) => new Act(`resume ${at} ${jobId} ${where}`, (run) => run.resume(at, jobId, where)),
  );
const reading = fc.tuple(fc.nat(20), fc.nat(30)).map(
  ([which, count]) =>
    new Act(`read ${which} ${count}`, async (run) => {
      const subscriber = run.subscribers[which % Math.max(1, run.subscribers.length)];
      if (subscriber !== undefined) await run.read(subscriber, count);
    }),
);
const leaving = fc.nat(20).map(
  (which) =>
    new Act(`leave ${which}`, async (run) => {
      const subscriber = run.subscribers[which % Math.max(1, run.subscribers.length)];
      if (subscriber !== undefined) await run.leave(subscriber);
    }),
);
const losing = fc
  .tuple(process, fc.integer({ min: 1, max: 5 }))
  .map(([at, count]) => new Act(`lose ${at} ${count}`, async (run) => run.loseDoorbells(at, count)));
const trimming = place.map((where) => new Act(`trim ${where}`, (run) => run.trim(where)));
const settling = fc.constant(new Act('settle', (run) => run.settle()));
const imaging = fc.constant(new Act('image', (run) => run.keepImage()));
const changing = fc
  .tuple(
    fc.constantFrom('rollBack' as const, 'rollBack' as const, 'flush' as const),
    fc.array(fc.tuple(job, choices(8)), { maxLength: 4 }),
    fc.array(fc.tuple(job, fc.nat(5)), { maxLength: 3 }),
  )
  .map(
    ([how, written, repeated]) =>
      new Act(`${how} ${JSON.stringify([written, repeated])}`, (run) =>
        run.changeHistory(how, async () => {
          const kept = run.world.events.length;
          for (const [id, list] of written) await work(run, id, list);
          // Behind something new: repeated as the first, an event may bring back the very history that was lost.
          if (run.world.events.length === kept) return;
          for (const [id, back] of repeated) await run.repeat(id, back);
        }),
      ),
  );
const restarting = process.map((at) => new Act(`restart process ${at}`, (run) => run.restartProcess(at)));
const checking = fc.constant(new Act('check', (run) => run.checkState()));

/** The more there is of one, the more often it comes. */
export const anyCommand = fc.oneof(
  { weight: 30, arbitrary: advancing },
  { weight: 10, arbitrary: straying },
  { weight: 6, arbitrary: repeating },
  { weight: 8, arbitrary: subscribing },
  { weight: 14, arbitrary: resuming },
  { weight: 20, arbitrary: reading },
  { weight: 3, arbitrary: leaving },
  { weight: 4, arbitrary: losing },
  { weight: 2, arbitrary: trimming },
  { weight: 2, arbitrary: settling },
  { weight: 2, arbitrary: imaging },
  { weight: 3, arbitrary: changing },
  { weight: 1, arbitrary: restarting },
  { weight: 3, arbitrary: checking },
);

export const cutting = (cut: () => Promise<void>) => fc.constant(new Act('cut connections', cut));
