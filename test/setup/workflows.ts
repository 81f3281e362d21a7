/** The workflows that tests of the core run: those of the default configuration, one of them with any text as input. */
import { z } from 'zod';
import { media } from '../../media/index.ts';
import { MEDIA_SETTINGS, type MediaConfig, toMediaConfig } from '../../media/settings.ts';
import type { WorkflowDefinition, Workflows } from '../../src/jobs/definition.ts';
import { type StepRange, stepsOf } from '../../src/progress/steps.ts';
import { readConfig } from '../../src/settings/config.ts';
import { createRegistry } from '../../src/workflow/registry.ts';

/** The workflows of the default configuration. */
export const WORKFLOWS: Workflows = createRegistry(media());

export const inputSchema = z.object({
  script: z.string('expected a text').min(1, 'expected at least one character'),
});

/** LIPSYNC takes a `script` and has batches; the others are unchanged. */
export const STAGED_WORKFLOWS: Workflows = withInput('LIPSYNC', inputSchema);

/** The default workflows, one of which takes a different input, admits everything and has batches. */
export function withInput(name: string, input: z.ZodType): Workflows {
  const found = definitionOf(name);
  const batch = {
    mutation: `${found.mutation}Batch`,
    taskName: `batch_${found.taskName}`,
    itemType: 'StagedItemInput',
  };
  const measure: WorkflowDefinition['measure'] = (parsed) => {
    const { script } = Object(parsed) as { readonly script?: unknown };
    return typeof script === 'string' ? { characters: script.length } : {};
  };
  return new Map([...WORKFLOWS, [name, { ...found, input, batch, measure, admit: async () => ({}) }]]);
}

export function definitionOf(name: string): WorkflowDefinition {
  const found = WORKFLOWS.get(name);
  if (found === undefined) throw new Error(`expected the workflow ${name}`);
  return found;
}

/** The step table of a workflow of the default configuration. */
export function tableOf(name: string): readonly StepRange[] {
  return stepsOf(WORKFLOWS, name);
}

/** The settings of the media workflows on a server with this environment. */
export function readMediaConfig(env: Readonly<Record<string, string>>): MediaConfig {
  return toMediaConfig(readConfig(env, MEDIA_SETTINGS).workflowSettings);
}
