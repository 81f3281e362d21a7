/** A worker whose workflow does nothing. */

import { silentLogger } from '../src/core/logger.ts';
import { startObservation } from '../src/observe/observation.ts';
import { readConfig, requireRedisUrl } from '../src/settings/config.ts';
import { startWorker } from '../src/worker.ts';
import { loadWorkflows } from '../src/workflow/project.ts';
import { reportReady } from './measured-process.ts';

const config = readConfig();
await startObservation(config, 'worker', (problem) => process.stderr.write(`${problem}\n`));
await startWorker({
  config,
  redisUrl: requireRedisUrl(config),
  logger: silentLogger,
  workflows: await loadWorkflows(),
  started: {
    workflows: {
      WRITER: {
        run: async () => ({
          type: 'ScriptResult',
          script: { name: 'script.txt', path: 'p/j/script.txt', contentType: 'text/plain', sizeBytes: 1 },
          title: 'Nothing',
          text: '',
          scenes: 1,
          estimatedDuration: 1,
          totalCostUsd: 0,
        }),
      },
    },
  },
});
reportReady(0);
