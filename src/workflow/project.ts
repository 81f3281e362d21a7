/** Finds and loads a project's configuration: which workflows its processes serve and run. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Workflows } from '../jobs/definition.ts';
import { type Config, readConfig } from '../settings/config.ts';
import type { ProjectConfig } from './define-config.ts';
import { DefinitionError } from './fields.ts';
import { createRegistry, settingsOf } from './registry.ts';

const NAMES = ['playhead.config.ts', 'playhead.config.js'];

/**
 * Loads the workflows of the project that a folder belongs to.
 * @param from the folder, or one below it; default: the working folder
 * @throws DefinitionError when there is no configuration, or it names what can't be
 */
export async function loadWorkflows(from = process.cwd()): Promise<Workflows> {
  const path = findConfig(resolve(from));
  if (path === undefined) {
    throw new DefinitionError(
      `expected ${NAMES.join(' or ')} in ${resolve(from)} or a folder above it. It says which workflows there are: ` +
        "export default defineConfig({ workflows: [ … ] }), with defineConfig from 'playhead'",
    );
  }
  const { default: config } = (await import(pathToFileURL(path).href)) as { default?: ProjectConfig };
  if (!Array.isArray(config?.workflows)) {
    throw new DefinitionError(`${path}: expected export default defineConfig({ workflows: [ … ] })`);
  }
  return createRegistry(config.workflows);
}

/**
 * What a process begins with: the workflows, and the settings, those that the workflows declare included.
 * @throws DefinitionError, ConfigError
 */
export async function loadProject(): Promise<{ readonly workflows: Workflows; readonly config: Config }> {
  const workflows = await loadWorkflows();
  return { workflows, config: readConfig(undefined, settingsOf(workflows)) };
}

function findConfig(folder: string): string | undefined {
  const found = NAMES.map((name) => join(folder, name)).find(existsSync);
  const above = dirname(folder);
  return found ?? (above === folder ? undefined : findConfig(above));
}
