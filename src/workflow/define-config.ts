/** A project's configuration, the default export of its `playhead.config.ts`. */
import type { WorkflowDefinition } from '../jobs/definition.ts';

export interface ProjectConfig {
  /** In the order in which clients see them. */
  readonly workflows: readonly WorkflowDefinition[];
}

/** Names the parts of a project; the default export of `playhead.config.ts`. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
