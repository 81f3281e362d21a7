/** Finds and loads a project's configuration, which names the workflows that its processes serve and run. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DefinitionError } from '../core/definition-error.ts';
import { PlayheadError } from '../core/errors.ts';
import { loadModule } from '../core/load-failure.ts';
import type { Workflows } from '../jobs/definition.ts';
import { type Config, ConfigError, readConfig } from '../settings/config.ts';
import type { ProjectConfig } from './define-config.ts';
import { createRegistry, settingsOf } from './registry.ts';

const NAMES = ['playhead.config.ts', 'playhead.config.js'];

/**
 * Loads the workflows of the project that a folder belongs to.
 * @param from the folder, or one below it; default: the working folder
 * @throws DefinitionError when there is no configuration, or it is invalid
 */
export async function loadWorkflows(from = process.cwd()): Promise<Workflows> {
  return createRegistry((await loadConfig(from)).workflows);
}

async function loadConfig(from: string): Promise<ProjectConfig> {
  const path = requireConfig(from);
  const { default: config } = await loadModule(
    path,
    () => import(pathToFileURL(path).href) as Promise<{ default?: ProjectConfig }>,
  );
  if (!Array.isArray(config?.workflows)) {
    throw new DefinitionError(`${path}: expected export default defineConfig({ workflows: [ … ] })`);
  }
  return config;
}

/**
 * The configuration's absolute path.
 * @param from the folder to search, together with those above it; default: the working folder
 * @throws DefinitionError when there is none
 */
export function requireConfig(from = process.cwd()): string {
  const path = findConfig(resolve(from));
  if (path === undefined) {
    throw new DefinitionError(
      `expected ${NAMES.join(' or ')} in ${resolve(from)} or a folder above it. It says which workflows there are: ` +
        "export default defineConfig({ workflows: [ … ] }), with defineConfig from 'playhead'",
    );
  }
  return path;
}

/**
 * Loads what a process starts with: the workflows and the settings, including those that the workflows declare.
 * @throws DefinitionError, ConfigError
 */
export async function loadProject(): Promise<{ readonly workflows: Workflows; readonly config: Config }> {
  const { settings, workflows: list } = await loadConfig(process.cwd());
  const workflows = createRegistry(list);
  return { workflows, config: readConfig(undefined, settingsOf(workflows), settings) };
}

/** What to print when a process cannot start: the message of an expected error, or the stack of an unexpected one. */
export function describeStartFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isInWords = [ConfigError, DefinitionError, PlayheadError].some((kind) => error instanceof kind);
  return isInWords ? error.message : (error.stack ?? error.message);
}

function findConfig(folder: string): string | undefined {
  const found = NAMES.map((name) => join(folder, name)).find(existsSync);
  const above = dirname(folder);
  return found ?? (above === folder ? undefined : findConfig(above));
}
