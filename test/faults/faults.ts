/** Every fault, with its rounds in the test command (quick) and in `npm run faults` (long). */
import { kill } from './kill.ts';
import type { FaultOptions } from './kit/fault.ts';
import type { Figures } from './kit/report.ts';

interface Fault {
  readonly run: (options: FaultOptions) => Promise<Figures>;
  readonly quick: Omit<FaultOptions, 'seed'>;
  readonly long: Omit<FaultOptions, 'seed'>;
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: { run: kill, quick: { rounds: 4, clients: 20 }, long: { rounds: 200, clients: 200 } },
};
