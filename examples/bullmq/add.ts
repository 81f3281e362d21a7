/**
 * Adds a job to the queue of worker.ts: `node examples/bullmq/add.ts FOLDER [PROJECT]`. Nothing in it knows about Playhead.
 */
import { resolve } from 'node:path';
import { Queue } from 'bullmq';

const [path, projectId = 'demo'] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node examples/bullmq/add.ts FOLDER [PROJECT]');
  process.exit(1);
}
const queue = new Queue('checksums', {
  connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' },
});
const retries = { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
const job = await queue.add('checksums', { path: resolve(path), projectId }, retries);
console.log(`job ${job.id}`);
await queue.close();
