/** The workflows of a process, in one table. */
import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import type { SettingsTable } from '../settings/setting.ts';
import { DefinitionError } from './fields.ts';

/**
 * @param list in the order in which clients see them
 * @throws DefinitionError when two have the same name, mutation, task name, command or type
 */
export function createRegistry(list: readonly WorkflowDefinition[]): Workflows {
  const seen = new Map<string, string>();
  for (const definition of list) {
    for (const [what, name] of namesOf(definition)) {
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

/** The settings that workflows declare, together. */
export function settingsOf(workflows: Workflows): SettingsTable {
  return Object.assign({}, ...[...workflows.values()].map(({ settings }) => settings)) as SettingsTable;
}
