/** The workflows of a process, in one table. */

import { DefinitionError } from '../core/definition-error.ts';
import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import { DATA_RESULT, TRACKED_RESULT } from '../jobs/tracked-result.ts';
import { TRACKED } from '../progress/steps.ts';
import type { SettingsTable } from '../settings/setting.ts';

/** The command line's own commands, and those of the programs that it starts. */
export const RESERVED_COMMANDS: readonly string[] = [
  ...['help', 'watch', 'job', 'jobs', 'cancel', 'retry', 'download', 'webhooks'],
  ...['open', 'login', 'logout', 'completion'],
  ...['keys', 'calibrate', 'init', 'dev', 'start', 'server', 'worker', 'print-schema'],
];

/** Mutations that belong to no workflow. */
export const RESERVED_MUTATIONS: readonly string[] = [
  ...['cancelJob', 'retryJob', 'deleteJob', 'createViewerToken'],
  ...['trackJob', 'reportProgress', 'reportProgressMany', 'reportError', 'reportCompletion'],
  ...['createWebhook', 'deleteWebhook', 'redeliverWebhook', 'enableWebhook', 'rotateWebhookSecret'],
];

/** Types of the schema whose names a result or input could plausibly have. */
const RESERVED_TYPES: readonly string[] = [
  ...['BatchResult', DATA_RESULT, TRACKED_RESULT],
  ...['TrackJobInput', 'StepInput', 'LinkInput', 'WebhookInput'],
  ...['ReportProgressInput', 'ReportProgressManyInput', 'ReportErrorInput', 'ReportCompletionInput'],
];

const RESERVED: Readonly<Record<string, readonly string[]>> = {
  name: [TRACKED],
  type: RESERVED_TYPES,
  command: RESERVED_COMMANDS,
  mutation: RESERVED_MUTATIONS,
};

/**
 * @param list in the order in which clients see them
 * @throws DefinitionError when one has a reserved name, or two share a name, mutation, task name, command or type
 */
export function createRegistry(list: readonly WorkflowDefinition[]): Workflows {
  const seen = new Map<string, string>();
  for (const definition of list) {
    for (const [what, name] of namesOf(definition)) {
      if (RESERVED[what]?.includes(name)) {
        throw new DefinitionError(
          `${definition.name}: expected a ${what} of its own, Playhead itself has ${name}; give another one as \`${what}\``,
        );
      }
      const owner = seen.get(`${what} ${name}`);
      if (owner !== undefined) {
        throw new DefinitionError(
          owner === definition.name
            ? `workflows: expected ${owner} once in the list`
            : `${definition.name}: expected a ${what} of its own, ${owner} has ${name} already`,
        );
      }
      seen.set(`${what} ${name}`, definition.name);
    }
  }
  return new Map(list.map((definition) => [definition.name, definition]));
}

function namesOf(definition: WorkflowDefinition): readonly (readonly [what: string, name: string])[] {
  const { batch, command, inputType, mutation, name, resultType, taskName } = definition;
  return [
    ['name', name],
    ['mutation', mutation],
    ['task name', taskName],
    ['command', command],
    ['type', inputType],
    ['type', resultType],
    ...(batch === null
      ? []
      : ([
          ['mutation', batch.mutation],
          ['task name', batch.taskName],
          ['type', batch.itemType],
        ] as const)),
  ];
}

/** All settings that the workflows declare. */
export function settingsOf(workflows: Workflows): SettingsTable {
  return Object.assign({}, ...[...workflows.values()].map(({ settings }) => settings)) as SettingsTable;
}
