/**
 * A worker process with the harness's own workflow instead of the product's: many events in little time. The only other
 * difference from src/worker.ts is that it reports each event acknowledged by Redis to the harness. The brief describes, as
 * JSON, what a job does.
 */

import { TOOL_GRACE_MS } from '../../../media/services.ts';
import { runTool } from '../../../media/tool.ts';
import { setToolSilenceLimit } from '../../../media/tool-guard.ts';
import { runProcess } from '../../../src/core/lifecycle.ts';
import { pause } from '../../../src/core/pause.ts';
import type { RunnableWorkflow } from '../../../src/jobs/attempt.ts';
import type { JobResult } from '../../../src/jobs/contract.ts';
import type { AppendOutcome } from '../../../src/log/append.ts';
import { EventLog } from '../../../src/log/log.ts';
import { createLogger } from '../../../src/observe/logging.ts';
import { readConfig, requireRedisUrl } from '../../../src/settings/config.ts';
import { startWorker } from '../../../src/worker.ts';
import { telling } from '../../media/telling-guard.ts';
import { tableOf, WORKFLOWS } from '../../setup/workflows.ts';

/** What a harness job does. */
export interface Orders {
  /** Length of each step. */
  readonly stepMs: number;
  /** Runs a tool in the first step for as long as this process lives; the tool's id is in the metadata (`pid`). */
  readonly toolUntilEndOf?: number;
  /** Whether it kills the worker that runs it, in the first step. */
  readonly deadly?: boolean;
  /** Makes the orders unique. */
  readonly name: string;
}

const FILE = { name: 'script.txt', path: 'none', contentType: 'text/plain; charset=utf-8', sizeBytes: 0 };
const RESULT: JobResult = {
  type: 'ScriptResult',
  script: FILE,
  title: 'none',
  text: '',
  scenes: 1,
  estimatedDuration: 1,
  totalCostUsd: 0,
};

const emitting: RunnableWorkflow = {
  run: async (run) => {
    // Written only by the harness.
    const orders = JSON.parse((run.input as { brief: string }).brief) as Orders;
    for (const [index, { name }] of tableOf('WRITER').entries()) {
      await run.step(name, `Doing ${name}`, async (step) => {
        if (orders.deadly) process.kill(process.pid, 'SIGKILL');
        if (index === 0 && orders.toolUntilEndOf !== undefined) {
          await runTool({
            name: 'tail',
            path: '/usr/bin/tail',
            args: [`--pid=${orders.toolUntilEndOf}`, '--sleep-interval=0.1', '--follow', '/dev/null'],
            signal: step.signal,
            guard: telling((pid) => step.update(0.5, 'Waiting', { pid })),
          });
        }
        for (let turn = 1; turn <= 4; turn += 1) {
          step.update(turn / 4, `${name} ${turn} of 4`);
          await pause(orders.stepMs / 4, step.signal);
        }
        return { step: name };
      });
    }
    return RESULT;
  },
};

const append = EventLog.prototype.append;
EventLog.prototype.append = async function (command): Promise<AppendOutcome> {
  const outcome = await append.call(this, command);
  if (outcome.code === 'OK' || outcome.code === 'DUP') process.send?.({ acknowledged: outcome.position });
  return outcome;
};

runProcess(async () => {
  const config = readConfig();
  const logger = createLogger(config, 'worker');
  // As the media workflows do.
  setToolSilenceLimit(config.lockMs + TOOL_GRACE_MS);
  const running = await startWorker({
    config,
    redisUrl: requireRedisUrl(config),
    logger,
    workflows: WORKFLOWS,
    started: { workflows: { WRITER: emitting } },
  });
  process.send?.({ ready: true });
  return { logger, close: () => running.close(), limitMs: config.drainMs + 10_000 };
}, String);
