/**
 * Loads a project as its processes do, without starting anything, and tells the parent which files each kind of process loads,
 * or what is wrong. `playhead dev` runs it, since a process cannot load a module twice.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { loadCode } from '../jobs/start-workflows.ts';
import { describeStartFailure, loadProject } from '../workflow/project.ts';

/** The message to the parent: absolute paths of files outside node_modules. */
export interface ProjectCheck {
  /** What is wrong, for people; null when everything could be loaded. */
  readonly fault: string | null;
  /** Files that both API and workers load: the configuration and the definitions. */
  readonly definitions: readonly string[];
  /** Files that only workers load. */
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
