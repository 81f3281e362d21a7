/** A project's configuration, the default export of its `playhead.config.ts`. */
import type { WorkflowDefinition } from '../jobs/definition.ts';
import type { GivenSettings } from '../settings/setting.ts';

export interface ProjectConfig {
  /** In the order in which clients see them. */
  readonly workflows: readonly WorkflowDefinition[];
  /**
   * Settings of the server and the workflows, by the names of their environment variables (docs/operations.md). Environment
   * variables and the secrets file take precedence. @default none
   * @example { PORT: 8080, PLAYHEAD_JOB_RETENTION_HOURS: 48, PLAYHEAD_GRAPHIQL: true }
   */
  readonly settings?: GivenSettings;
}

/** Defines a project's configuration, for the default export of `playhead.config.ts`. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
