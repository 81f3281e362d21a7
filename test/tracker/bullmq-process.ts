/** A tracked worker that never finishes its job: `bullmq-process.ts REDIS_URL PREFIX QUEUE`. It is to be killed. */
import { Worker } from 'bullmq';
import { connectTracker, trackWorker } from '../../src/tracker/index.ts';

const [url = '', prefix = '', queue = ''] = process.argv.slice(2);
const worker = new Worker(queue, () => new Promise(() => {}), {
  connection: { url },
  // So long that it is never lost while this process is only held up.
  lockDuration: 600_000,
  // Whoever looks for stalled jobs keeps all others from it for as long.
  stalledInterval: 200,
});
trackWorker(worker, { projectId: 'a', playhead: connectTracker({ redis: url, prefix }) });
