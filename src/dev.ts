/**
 * `playhead dev`: runs what `playhead start` runs, restarted after every file change. If a change is faulty, the faults are
 * shown and the previous processes keep running. Running jobs are handed back at once, and continue after their last finished
 * step.
 */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMain } from './core/is-main.ts';
import { type Running, runProcess } from './core/lifecycle.ts';
import { watchFolders } from './core/watch-folders.ts';
import { createLogger } from './observe/logging.ts';
import { type Look, WatchedProject } from './operator/watched-project.ts';
import { type Config, childEnvironment } from './settings/config.ts';
import { announce, CHILD_LIMIT_MS, createChildren, openRedis, startFailure } from './start.ts';
import { loadProject, requireConfig } from './workflow/project.ts';

/** Defaults of a development server: a restart waits for no job, and a failed job discloses its error. */
const DEFAULTS = { PLAYHEAD_DRAIN_SECONDS: '0', PLAYHEAD_SHOW_ERRORS: 'on' };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function sayFaults({ faults }: Look, then: string): void {
  process.stderr.write(`\n${faults.join('\n')}\n\n${then}\n`);
}

/** Waits until the project can be loaded; type errors alone do not delay the first start. */
async function firstConfig(project: WatchedProject, ending: AbortSignal): Promise<Config> {
  for (;;) {
    const look = await project.look();
    if (look.faults.length > 0) {
      sayFaults(look, look.isLoadable ? 'Starting nevertheless.' : 'Waiting until this is put right.');
    }
    // Not earlier: a module that fails to load once cannot be loaded again in the same process.
    if (look.isLoadable) return (await loadProject()).config;
    await project.nextChange(ending);
  }
}

async function start(ending: AbortSignal): Promise<Running> {
  const root = dirname(realpathSync(requireConfig()));
  const env = childEnvironment(DEFAULTS);
  const project = new WatchedProject(root, env);
  const stopWatching = watchFolders(root, (path) => project.note(path));
  const config = await firstConfig(project, ending);
  const logger = createLogger(config, 'dev');
  const redis = await openRedis(config, logger, ending);
  Object.assign(env, { REDIS_URL: redis.url });
  const { api, worker } = createChildren(env, logger);
  const close = async (): Promise<void> => {
    stopWatching();
    await Promise.all([api.close(CHILD_LIMIT_MS), worker.close(CHILD_LIMIT_MS)]);
    await redis.stop();
  };
  ending.addEventListener('abort', () => void close(), { once: true });
  const [{ url = '' }] = await Promise.all([api.start(), worker.start()]).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  announce(url, config);
  process.send?.({ ready: true, url });
  void follow(project, { api, worker }, ending);
  return { logger, close, limitMs: 2 * CHILD_LIMIT_MS };
}

/** Applies one change after another until the signal aborts. */
async function follow(
  project: WatchedProject,
  { api, worker }: ReturnType<typeof createChildren>,
  ending: AbortSignal,
): Promise<void> {
  while (!ending.aborted) {
    try {
      const files = await project.nextChange(ending);
      const began = performance.now();
      const look = await project.look();
      if (look.faults.length > 0) {
        sayFaults(look, `${files} changed. What ran before runs on until this is put right.`);
        continue;
      }
      const all = look.concerns === 'all';
      await Promise.all([
        worker.replace(CHILD_LIMIT_MS, 'overlapping'),
        all && api.replace(CHILD_LIMIT_MS, 'one after the other'),
      ]);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      say(`${files} changed: ${all ? 'API and worker' : 'the worker'} started anew in ${seconds} s`);
    } catch (error) {
      if (!ending.aborted) process.stderr.write(`${startFailure(error)}\n`);
    }
  }
}

if (isMain(import.meta)) runProcess(start, startFailure);
