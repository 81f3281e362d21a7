import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { JOB_STATUSES, STEP_STATUSES } from '../../src/progress/state.ts';
import { schema } from '../setup/schema.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import { missingFrom, undescribed } from './schema-comparison.ts';

const contract = readFileSync(new URL('./contract.graphql', import.meta.url), 'utf8');

describe('the schema', () => {
  test('has everything of the contract, with the same types, nullability and defaults', () => {
    expect(missingFrom(schema, buildSchema(contract))).toEqual([]);
  });

  test('is the committed schema.graphql', () => {
    const committed = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    expect(committed).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
  });

  test('describes every type, field, argument, enum value and input field', () => {
    expect(undescribed(schema)).toEqual([]);
  });

  test.each([
    ['Workflow', [...WORKFLOWS.keys(), 'TRACKED']],
    ['JobStatus', JOB_STATUSES],
    ['StepStatus', STEP_STATUSES],
  ])('has the values of %s from their one definition', (name, values) => {
    const type = schema.getType(name);
    const names =
      type !== undefined && 'getValues' in type ? type.getValues().map((value) => value.name) : [];
    expect(names.sort()).toEqual([...values].sort());
  });
});

describe('the comparison', () => {
  test.each([
    ['a type', 'scalar DateTime', 'scalar DateTime\nscalar Moment', 'Moment'],
    ['a field', 'type Eta {', 'type Eta { spread: Float', 'Eta.spread'],
    ['nullability', 'step: String\n  steps', 'step: String!\n  steps', 'Job.step: String!'],
    [
      'an argument',
      'job(projectId: ID!, id: ID!)',
      'job(projectId: ID!, id: ID!, deep: Boolean)',
      'Query.job(deep)',
    ],
    [
      'a default',
      'snapshot: Boolean = true',
      'snapshot: Boolean = false',
      'Subscription.jobEvents(snapshot) = false',
    ],
    ['an enum value', 'enum StepStatus {', 'enum StepStatus { SKIPPED', 'StepStatus.SKIPPED'],
    ['a union member', '= ProgressEvent |', '= Job | ProgressEvent |', 'JobEvent = Job'],
    [
      'an interface',
      'type Job {',
      'type Job implements Event { jobId: ID! timestamp: DateTime!',
      'Job implements Event',
    ],
    [
      'an input field',
      'input AudioItemInput {',
      'input AudioItemInput { speed: Float',
      'AudioItemInput.speed',
    ],
  ])('sees that %s is missing', (_what, from, to, expected) => {
    expect(contract).toContain(from);
    const stricter: GraphQLSchema = buildSchema(contract.replace(from, to));
    expect(missingFrom(schema, stricter)).toContain(expected);
  });

  test('sees that a description is missing', () => {
    const bare = buildSchema(`
      "Words" type Query { "Words" job("Words" id: ID, bare: ID): ID plain: Int }
      enum Bare { "Words" ONE TWO }
      "Words" input Given { text: String }
    `);
    expect(undescribed(bare)).toEqual(['Query.job(bare)', 'Query.plain', 'Bare', 'Bare.TWO', 'Given.text']);
  });
});
