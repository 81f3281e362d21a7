/**
 * An ordinary BullMQ worker: it writes the SHA-256 sums of a folder's files to SHA256SUMS. The line with trackWorker makes
 * its jobs appear in Playhead. It reads REDIS_URL (BullMQ's), PLAYHEAD_URL and PLAYHEAD_TOKEN:
 *
 *   node examples/bullmq/worker.ts
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Job, Worker } from 'bullmq';
import { progressOf, trackWorker } from 'playhead/tracker';

/** What add.ts adds to the queue. */
interface Folder {
  readonly projectId: string;
  readonly path: string;
}

const worker = new Worker<Folder, { files: number }>('checksums', writeSums, {
  connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' },
});
trackWorker(worker, {
  projectId: (job) => job.data.projectId,
  title: (job) => job.data.path,
  steps: { list: 1, sum: 18, save: 1 },
});
process.once('SIGTERM', () => void worker.close());
process.once('SIGINT', () => void worker.close());

async function writeSums(
  job: Job<Folder>,
  _token?: string,
  signal?: AbortSignal,
): Promise<{ files: number }> {
  const { path } = job.data;
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map(({ name }) => name);
  const lines: string[] = [];
  for (const [index, name] of names.sort().entries()) {
    // Aborted by BullMQ, and by Playhead's cancelJob.
    signal?.throwIfAborted();
    progressOf(job)?.step('sum', index / names.length, `${index + 1} of ${names.length}: ${name}`);
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(path, name)), hash);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
  }
  // As without Playhead: progress that a processor reports to BullMQ is shown as well.
  await job.updateProgress(95);
  await writeFile(join(path, 'SHA256SUMS'), lines.join(''));
  return { files: names.length };
}
