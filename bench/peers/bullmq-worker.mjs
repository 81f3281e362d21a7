/** A bare BullMQ worker whose jobs do nothing. */
import { Worker } from 'bullmq';
import { connectRedis, ready } from './process.mjs';

const connection = connectRedis({ maxRetriesPerRequest: null });
const worker = new Worker(process.env.QUEUE, async () => null, {
  connection,
  prefix: process.env.PLAYHEAD_PREFIX,
  concurrency: Number(process.env.PLAYHEAD_CONCURRENCY),
});
await worker.waitUntilReady();
ready(0);
