import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowRun } from 'playhead';

export async function run(job: WorkflowRun<{ script: string }, 'wrap' | 'save_file'>) {
  const wrapped = await job.step(
    'wrap',
    'Breaking lines',
    async () => job.input.script.match(/\S{33,}|\S.{0,31}(?=\s|$)/g) ?? [],
  );
  const lines = await job.step('save_file', 'Saving', async () => {
    await writeFile(join(job.files.scratch, 'lines.txt'), wrapped.join('\n'));
    return await job.files.save('lines.txt', join(job.files.scratch, 'lines.txt'));
  });
  return { lines };
}
