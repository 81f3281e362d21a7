/** A process with a media process that has work for long. Run by process-pool.test.ts, which kills or stops it. */
import { createProcessPool } from '../../media/process-pool.ts';
import { setToolSilenceLimit } from '../../media/tool-guard.ts';

// A busy machine may hold this process up for seconds before it is stopped.
setToolSilenceLimit(20_000);
const pool = createProcessPool(1);
const voice = { name: 'slt', pitch: 1, pace: 1 } as const;
const { signal } = new AbortController();
const speak = () => pool.run('speak', { text: 'The boats were coming home.', voice }, { signal });
await speak();
// From now on its media process is guarded.
process.stdout.write('ready\n');
for (;;) await speak();
