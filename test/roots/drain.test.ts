/** A worker process that ends, as far as other processes see it. */

import { expect, inject, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { startWorker } from '../../src/worker.ts';
import { unique } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { STAGED_WORKFLOWS } from '../setup/workflows.ts';

test('a worker without drain time hands its job back at once, and takes nothing more', async () => {
  const prefix = unique('drain');
  const path = await createJobPath({ prefix });
  const config = readConfig({
    PLAYHEAD_DATA_DIR: path.dataDir,
    PLAYHEAD_PREFIX: prefix,
    PLAYHEAD_DRAIN_SECONDS: '0',
  });
  const worker = await startWorker({
    ...{ config, redisUrl: inject('redisUrl'), logger: silentLogger },
    workflows: STAGED_WORKFLOWS,
    started: { workflows: { LIPSYNC: path.stage.workflow } },
  });
  onTestFinished(() => worker.close());
  const held = path.stage.hold('analyze_audio');
  const { id } = await path.enqueue({ maxAttempts: 1 });
  await held.entered();
  await worker.close();
  expect(await path.queue.stateOf(id)).toBe('waiting');
  expect(await path.bull.getActiveCount()).toBe(0);
  await path.startWorker();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
});
