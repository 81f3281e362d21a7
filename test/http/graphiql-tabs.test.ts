/** GraphiQL's ready tabs against the committed interface. */
import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType, isUnionType, Kind, parse, validate } from 'graphql';
import { artifact, defineWorkflow, jobId } from 'playhead';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTabs } from '../../src/http/graphiql-tabs.ts';
import { createSchema } from '../../src/schema/index.ts';
import { loadWorkflows } from '../../src/workflow/project.ts';
import { createRegistry } from '../../src/workflow/registry.ts';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const workflows = await loadWorkflows();
const tabs = createTabs(workflows);

test('every tab is one named operation that the schema takes, with a value for each variable', () => {
  const names = tabs.map(({ query, variables }) => {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    expect(document.definitions).toHaveLength(1);
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('expected an operation');
    const wanted = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
    expect(Object.keys(JSON.parse(variables ?? '{}') as object)).toEqual(wanted);
    return operation.name?.value;
  });
  expect(names).toEqual(['Start', 'Watch', 'Snapshot', 'Jobs', 'Cancel', 'Retry']);
});

test('the first tab starts a job of the first workflow, with examples for what it takes', () => {
  expect(tabs[0]?.query).toContain('generateVideo(');
  expect(tabs[0]?.query).toContain('MIRA: Hello!');
  for (const workflow of workflows.values()) {
    const [{ query } = { query: '' }] = createTabs(new Map([[workflow.name, workflow]]));
    expect(validate(schema, parse(query)), query).toEqual([]);
  }
});

test('a workflow without examples has values of the right types in its tab', () => {
  const own = createRegistry([
    defineWorkflow({
      name: 'MIX',
      description: 'Mixes.',
      steps: { mix: 1 },
      input: z.object({
        ...{ from: jobId(), note: z.string(), level: z.number().min(0.5), takes: z.int(), loop: z.boolean() },
        ...{
          tags: z.array(z.string()),
          mode: z.enum(['fast', 'slow']),
          more: z.object({ gain: z.number() }),
        },
        ...{ any: z.unknown(), spoken: z.string().default('-') },
      }),
      result: z.object({ sound: artifact('audio/wav') }),
      run: () => Promise.reject(new Error('never runs')),
    }),
  ]);
  const [{ query } = { query: '' }] = createTabs(own);
  expect(validate(createSchema(own), parse(query)), query).toEqual([]);
  expect(query).toContain('mode: "fast"');
  expect(query).not.toContain('spoken');
  expect(createTabs(createRegistry([])).map(({ query: one }) => parse(one).definitions.length)).toHaveLength(
    5,
  );
});

test('the tab that watches shows what every kind of event and every result says', () => {
  const watch = tabs[1]?.query ?? '';
  for (const name of membersOf('JobEvent')) expect(watch).toContain(`... on ${name} {`);
  expect(watch).toContain('... on Result {');
  for (const name of membersOf('JobResult')) {
    const type = schema.getType(name);
    expect(isObjectType(type) && type.getInterfaces().map(String)).toContain('Result');
  }
});

function membersOf(union: string): readonly string[] {
  const type = schema.getType(union);
  if (!isUnionType(type)) throw new Error(`expected the union ${union}`);
  return type.getTypes().map(({ name }) => name);
}
