/** Every fault, with its rounds in the test command (quick) and in `npm run faults` (long). */
import { crowd } from './crowd.ts';
import { clusterFailover, failover } from './failover.ts';
import { absence, rollback } from './history.ts';
import { kill } from './kill.ts';
import type { FaultOptions } from './kit/fault.ts';
import type { Figures } from './kit/report.ts';
import { lostWorker } from './lost-worker.ts';
import { lostAnswers, lostEnding, lostSubscriber } from './pub-sub.ts';
import { resumes } from './resume.ts';
import { rolling } from './rolling.ts';
import { silentWorker } from './silent-worker.ts';
import { tracked } from './tracked.ts';
import { webhooks } from './webhooks.ts';
import { zombies } from './zombie.ts';

interface Fault {
  readonly run: (options: FaultOptions) => Promise<Figures>;
  readonly quick: Omit<FaultOptions, 'seed'>;
  readonly long: Omit<FaultOptions, 'seed'>;
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: { run: kill, quick: { rounds: 4, clients: 20 }, long: { rounds: 200, clients: 1_000 } },
  rollback: { run: rollback, quick: { rounds: 2, clients: 1 }, long: { rounds: 50, clients: 1 } },
  absence: { run: absence, quick: { rounds: 60, clients: 1 }, long: { rounds: 1_000, clients: 1 } },
  resumes: { run: resumes, quick: { rounds: 400, clients: 40 }, long: { rounds: 10_000, clients: 40 } },
  'lost-ending': { run: lostEnding, quick: { rounds: 50, clients: 1 }, long: { rounds: 500, clients: 50 } },
  'lost-answers': {
    run: lostAnswers,
    quick: { rounds: 60, clients: 1 },
    long: { rounds: 1_000, clients: 1 },
  },
  'lost-subscriber': {
    run: lostSubscriber,
    quick: { rounds: 2, clients: 1 },
    long: { rounds: 100, clients: 1 },
  },
  'lost-worker': {
    run: lostWorker,
    quick: { rounds: 1, clients: 1 },
    long: { rounds: 20, clients: 1 },
  },
  'silent-worker': {
    run: silentWorker,
    quick: { rounds: 1, clients: 1 },
    long: { rounds: 20, clients: 1 },
  },
  tracked: { run: tracked, quick: { rounds: 2, clients: 1 }, long: { rounds: 100, clients: 1 } },
  crowd: { run: crowd, quick: { rounds: 1, clients: 1 }, long: { rounds: 10, clients: 1 } },
  webhooks: { run: webhooks, quick: { rounds: 60, clients: 1 }, long: { rounds: 1_000, clients: 1 } },
  zombies: { run: zombies, quick: { rounds: 2, clients: 1 }, long: { rounds: 100, clients: 1 } },
  rolling: { run: rolling, quick: { rounds: 1, clients: 10 }, long: { rounds: 20, clients: 100 } },
  failover: { run: failover, quick: { rounds: 1, clients: 5 }, long: { rounds: 20, clients: 50 } },
  'cluster-failover': {
    run: clusterFailover,
    quick: { rounds: 1, clients: 5 },
    long: { rounds: 20, clients: 50 },
  },
};
