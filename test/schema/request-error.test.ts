import fc from 'fast-check';
import { graphql } from 'graphql';
import { describe, expect, test } from 'vitest';
import { mapErrors } from '../../src/schema/errors.ts';
import { schema } from '../setup/schema.ts';
import { ask, makeContext } from './fixtures.ts';

const STATUSES = 'one of QUEUED, RUNNING, RETRYING, COMPLETED, FAILED, CANCELLED';

/** What the client is told about the first error. */
async function faultOf(source: string, variables?: Record<string, unknown>) {
  const answer = await ask(source, makeContext(), variables);
  expect(answer.masked.size).toBe(0);
  const [error] = answer.errors;
  return { ...error?.extensions, message: error?.message };
}

const video = (fields: string) => `mutation { generateVideo(input: {${fields}}) { id } }`;
const batch = (items: string) =>
  `mutation { generateVideoBatch(input: {projectId: "p", items: ${items}}) { id } }`;
const jobs = (args: string) => `{ jobs(${args}) { edges { cursor } } }`;

describe('a faulty literal', () => {
  test.each([
    ['a wrong enum value', jobs('projectId: "p", status: [BAD]'), 'status', STATUSES, 'BAD'],
    [
      'a single wrong enum value',
      jobs('projectId: "p", status: BAD'),
      'status',
      `a list of ${STATUSES}`,
      'BAD',
    ],
    ['text for an enum', jobs('projectId: "p", status: ["FAILED"]'), 'status', STATUSES, '"FAILED"'],
    ['null in a list', jobs('projectId: "p", status: [null]'), 'status', STATUSES, 'null'],
    ['text for a number', jobs('projectId: "p", first: "ten"'), 'first', 'a whole number', '"ten"'],
    ['a fraction for a whole number', jobs('projectId: "p", first: 1.5'), 'first', 'a whole number', '1.5'],
    [
      'too large a number',
      jobs('projectId: "p", first: 3000000000'),
      'first',
      'a whole number',
      '3000000000',
    ],
    [
      'null for a required argument',
      '{ job(projectId: null, id: "x") { id } }',
      'projectId',
      'an id as text',
      'null',
    ],
    ['a missing argument', '{ job(projectId: "p") { id } }', 'id', 'an id as text', undefined],
    [
      'text for an object',
      'mutation { generateVideo(input: "x") { id } }',
      'input',
      'an object (GenerateVideoInput)',
      '"x"',
    ],
    ['a missing input field', video('projectId: "p"'), 'input.script', 'text', undefined],
    ['a wrong input field', video('projectId: "p", script: 5'), 'input.script', 'text', '5'],
    [
      'a wrong number',
      video('projectId: "p", script: "s", maxAttempts: "2"'),
      'input.maxAttempts',
      'a whole number',
      '"2"',
    ],
    [
      'an unknown input field',
      video('projectId: "p", script: "s", voice: "x"'),
      'input.voice',
      'one of the fields projectId, script, title, language, format, music, idempotencyKey, maxAttempts',
      undefined,
    ],
    [
      'a wrong field of an item',
      batch('[{script: "a"}, {script: true}]'),
      'input.items.1.script',
      'text',
      'true',
    ],
    ['a missing field of an item', batch('[{title: "a"}]'), 'input.items.0.script', 'text', undefined],
    ['a wrong item', batch('[{script: "a"}, 5]'), 'input.items', 'an object (VideoItemInput)', '5'],
    ['text for a list', batch('"a"'), 'input.items', 'a list of an object (VideoItemInput)', '"a"'],
    [
      'a wrong flag',
      'subscription { jobEvents(projectId: "p", snapshot: 1) { __typename } }',
      'snapshot',
      'true or false',
      '1',
    ],
  ])('%s', async (_what, source, field, expected, received) => {
    const came = received === undefined ? '' : `, received ${received}`;
    expect(await faultOf(source)).toEqual({
      code: 'BAD_USER_INPUT',
      field,
      expected,
      ...(received === undefined ? {} : { received }),
      message: `${field}: expected ${expected}${came}`,
    });
  });

  test('is named where a fragment has it', async () => {
    const source = `{ ...Part } fragment Part on Query { ${jobs('projectId: "p", status: [BAD]').slice(1, -1)} }`;
    expect(await faultOf(source)).toMatchObject({ code: 'BAD_USER_INPUT', field: 'status' });
  });
});

describe('a faulty variable is named by the argument that takes it', () => {
  const make = 'mutation ($v: GenerateVideoInput!) { generateVideo(input: $v) { id } }';
  const makeBatch = 'mutation ($v: GenerateVideoBatchInput!) { generateVideoBatch(input: $v) { id } }';
  const list =
    'query ($s: [JobStatus!], $n: Int) { jobs(projectId: "p", status: $s, first: $n) { edges { cursor } } }';
  const part =
    'mutation ($n: Int) { generateVideo(input: {projectId: "p", script: "s", maxAttempts: $n}) { id } }';
  test.each([
    ['a missing variable', make, {}, 'input', 'an object (GenerateVideoInput)', undefined],
    ['null', make, { v: null }, 'input', 'an object (GenerateVideoInput)', 'null'],
    ['text for an object', make, { v: 'x' }, 'input', 'an object (GenerateVideoInput)', '"x"'],
    ['a missing field', make, { v: { projectId: 'p' } }, 'input.script', 'text', undefined],
    ['a wrong field', make, { v: { projectId: 'p', script: 5 } }, 'input.script', 'text', '5'],
    [
      'null for a required field',
      make,
      { v: { projectId: 'p', script: null } },
      'input.script',
      'text',
      'null',
    ],
    [
      'an unknown field',
      make,
      { v: { projectId: 'p', script: 's', 'odd "; name': 1 } },
      'input.odd "; name',
      'one of the fields projectId, script, title, language, format, music, idempotencyKey, maxAttempts',
      undefined,
    ],
    [
      'a wrong field of an item',
      makeBatch,
      { v: { projectId: 'p', items: [{ script: 's' }, { script: false }] } },
      'input.items.1.script',
      'text',
      'false',
    ],
    [
      'a missing field of an item',
      makeBatch,
      { v: { projectId: 'p', items: [{}] } },
      'input.items.0.script',
      'text',
      undefined,
    ],
    ['a wrong enum value', list, { s: ['FAILED', 'BAD'] }, 'status', STATUSES, '"BAD"'],
    ['a wrong number', list, { n: 'ten' }, 'first', 'a whole number', '"ten"'],
    ['a variable inside an object', part, { n: 1.5 }, 'input.maxAttempts', 'a whole number', '1.5'],
  ])('%s', async (_what, source, variables, field, expected, received) => {
    const came = received === undefined ? '' : `, received ${received}`;
    expect(await faultOf(source, variables)).toEqual({
      code: 'BAD_USER_INPUT',
      field,
      expected,
      ...(received === undefined ? {} : { received }),
      message: `${field}: expected ${expected}${came}`,
    });
  });

  test('of the operation that runs, when another one uses the same name', async () => {
    const source = `
      mutation One($v: Int) { generateVideo(input: {projectId: "p", script: "s", maxAttempts: $v}) { id } }
      query Two($v: Int) { ...Page } fragment Page on Query { jobs(projectId: "p", first: $v) { edges { cursor } } }`;
    const fields = [];
    for (const operationName of ['One', 'Two']) {
      const { errors } = await graphql({ schema, source, operationName, variableValues: { v: 'x' } });
      fields.push(mapErrors(errors ?? [], { schema, onInternal: () => {} })[0]?.extensions['field']);
    }
    expect(fields).toEqual(['input.maxAttempts', 'first']);
  });

  test('by its own name where no argument takes it', async () => {
    const source = 'query ($flag: Boolean!) { workflows { taskName @include(if: $flag) } }';
    expect(await faultOf(source, {})).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'flag',
      expected: 'true or false',
    });
  });

  test.each([
    ['query ($id: ID = "x") { job(projectId: "p", id: $id) { id } }', { id: null }, 'id', 'an id as text'],
    [
      'query ($s: JobStatus = FAILED) { jobs(projectId: "p", status: [$s]) { edges { cursor } } }',
      { s: null },
      'status',
      `a list of ${STATUSES}`,
    ],
  ])('also when only the execution finds it: %s', async (source, variables, field, expected) => {
    expect(await faultOf(source, variables)).toMatchObject({ code: 'BAD_USER_INPUT', field, expected });
  });

  test('whatever the value is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue().filter((value) => typeof value !== 'string'),
        async (script) => {
          const fault = await faultOf(make, { v: { projectId: 'p', script } });
          expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.script', expected: 'text' });
        },
      ),
    );
  });

  test.each([
    'x at "v.title" y',
    'x" at "v.script',
    'x"; Field "a" of required type "B" was not provided',
    '\\" at \\"v.b"; ',
  ])('whatever text the value holds: %s', async (text) => {
    expect(await faultOf(make, { v: text })).toMatchObject({
      field: 'input',
      received: JSON.stringify(text),
    });
    const nested = { projectId: 'p', script: { [text]: text } };
    expect(await faultOf(make, { v: nested })).toMatchObject({ field: 'input.script', expected: 'text' });
  });

  test('with long values shortened everywhere', async () => {
    const long = 'x'.repeat(100_000);
    const fault = await faultOf(make, { v: { projectId: 'p', script: [long], [long]: 1 } });
    expect(fault).toMatchObject({ field: 'input.script', received: expect.stringMatching(/^\["x{77}…$/) });
    expect(JSON.stringify(fault).length).toBeLessThan(500);
    const missing = await faultOf(make, { v: { script: long } });
    expect(missing).toMatchObject({
      field: 'input.projectId',
      message: 'input.projectId: expected an id as text',
    });
  });

  test('and too many faults are one more', async () => {
    const answer = await ask(makeBatch, makeContext(), { v: { projectId: 'p', items: Array(60).fill({}) } });
    expect(answer.errors).toHaveLength(51);
    expect(answer.errors.at(-1)?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'variables' });
  });
});

describe('a document that is wrong otherwise', () => {
  test.each([
    ['a syntax error', '{ job(', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nonsense }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown argument', '{ workflows(all: true) { taskName } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown variable', '{ job(projectId: $p, id: "x") { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of the wrong type',
      'query ($n: Int!) { job(projectId: $n, id: "x") { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a wrong directive argument', '{ workflows { taskName @include(if: 5) } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a missing selection', '{ workflows }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s', async (_what, source, code) => {
    const fault = await faultOf(source, { n: 1 });
    expect(fault).toEqual({ code, message: expect.any(String) });
    expect(fault.message).not.toBe('Unexpected error');
  });
});
