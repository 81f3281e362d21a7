/** GraphiQL's ready tabs against the committed interface. */
import { readFileSync } from 'node:fs';
import { buildSchema, Kind, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { GRAPHIQL_TABS } from '../../src/http/graphiql-tabs.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));

test('every tab is one named operation that the schema takes, with a value for each variable', () => {
  const names = GRAPHIQL_TABS.map(({ query, variables }) => {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    expect(document.definitions).toHaveLength(1);
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('expected an operation');
    const wanted = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
    expect(Object.keys(JSON.parse(variables ?? '{}') as object)).toEqual(wanted);
    return operation.name?.value;
  });
  expect(names).toEqual(['StartVideo', 'Watch', 'Snapshot', 'Jobs', 'Cancel', 'Retry']);
});

test('the tab that watches shows what every kind of event and result says', () => {
  const watch = GRAPHIQL_TABS[1]?.query ?? '';
  for (const union of ['JobEvent', 'JobResult']) {
    const type = schema.getType(union);
    if (type === undefined || !('getTypes' in type)) throw new Error(`expected the union ${union}`);
    for (const { name } of type.getTypes()) expect(watch).toContain(`... on ${name} {`);
  }
});
