/**
 * Loads a project as its processes do, starts nothing, and says to the parent which files each kind of process has loaded, or
 * what is wrong. `playhead dev` runs it, since a process can't load a module a second time.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadCode } from '../jobs/start-workflows.ts';
import { describeStartFailure, loadProject } from '../workflow/project.ts';

/** What is said: absolute paths of files outside of node_modules. */
export interface ProjectCheck {
  /** What is wrong, for people; null when all could be loaded. */
  readonly fault: string | null;
  /** Loaded by API and worker alike: the configuration and the definitions. */
  readonly definitions: readonly string[];
  /** Loaded by workers alone. */
  readonly code: readonly string[];
}

const loaded = new Set<string>();
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) loaded.add(fileURLToPath(url));
    return next(url, context);
  },
});

let definitions: readonly string[] = [];
let fault: string | null = null;
try {
  const { workflows } = await loadProject();
  definitions = [...loaded];
  await loadCode(workflows);
} catch (error) {
  fault = describeStartFailure(error);
}
const code = [...loaded].filter((file) => !definitions.includes(file));
const check: ProjectCheck = { fault, definitions, code };
process.send?.(check, () => process.exit());
