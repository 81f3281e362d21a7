/** A process that computes with the given number of threads until it or its parent ends; for 15 minutes at most. */
import { Worker } from 'node:worker_threads';

const MAX_MS = 15 * 60_000;

for (let thread = 0; thread < Number(process.argv[2]); thread += 1) new Worker('for (;;);', { eval: true });
setTimeout(() => process.exit(), MAX_MS);
process.once('disconnect', () => process.exit());
