import { GraphQLError, parse, Source, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { badInput, PlayheadError } from '../../src/core/errors.ts';
import { type ErrorMapping, mapErrors, type OnInternal, toGraphQLError } from '../../src/schema/errors.ts';
import { schema } from '../setup/schema.ts';
import { ask, makeContext } from './fixtures.ts';

const never = (): never => {
  throw new Error('nothing should be masked here');
};

/** As the client sees it, after JSON. */
const by = (onInternal: OnInternal): ErrorMapping => ({ schema, onInternal });

function shown(error: unknown, onInternal: (errorId: string, error: unknown) => void = never): unknown {
  return JSON.parse(JSON.stringify(toGraphQLError(error, by(onInternal))));
}

describe('a PlayheadError', () => {
  test('of a resolver keeps message, code, path and place', async () => {
    const answer = await ask('{ job(projectId: "no spaces", id: "x") { id } }', makeContext());
    expect(JSON.parse(JSON.stringify(answer.errors))).toEqual([
      {
        message: 'projectId: expected 1 to 64 letters, digits, _ or -, received "no spaces"',
        path: ['job'],
        locations: [{ line: 1, column: 3 }],
        extensions: {
          code: 'BAD_USER_INPUT',
          field: 'projectId',
          expected: '1 to 64 letters, digits, _ or -',
          received: '"no spaces"',
        },
      },
    ]);
  });

  test('has all issues of BAD_USER_INPUT beside the code', () => {
    const issues = [{ field: 'input.script', expected: 'text' }];
    const error = new PlayheadError('BAD_USER_INPUT', 'bad', { details: { field: 'input.script', issues } });
    expect(shown(error)).toEqual({
      message: 'bad',
      extensions: { code: 'BAD_USER_INPUT', field: 'input.script', issues },
    });
  });

  test('has other facts under details, and when to try again', () => {
    const error = new PlayheadError('PROVIDER_FAILED', 'rate limit', {
      details: { code: 'hidden?', error_code: '429' },
      retryAfterSeconds: 60,
    });
    expect(shown(error)).toEqual({
      message: 'rate limit',
      extensions: {
        code: 'PROVIDER_FAILED',
        details: { code: 'hidden?', error_code: '429' },
        retryAfterSeconds: 60,
      },
    });
  });

  test('never lets its facts replace the code', () => {
    const error = new PlayheadError('BAD_USER_INPUT', 'bad', { details: { code: 'OTHER' } });
    expect(toGraphQLError(error, by(never)).extensions['code']).toBe('BAD_USER_INPUT');
  });

  test.each(['EVENTS_EXPIRED', 'SUBSCRIBER_TOO_SLOW'] as const)('%s, wrapped as graphql-ws does', (code) => {
    const thrown = new PlayheadError(code, 'over');
    const wrapped = new GraphQLError(thrown.message, { originalError: thrown });
    expect(shown(wrapped)).toEqual({ message: 'over', extensions: { code } });
    const twice = new GraphQLError('Unexpected', { originalError: wrapped, path: ['jobEvents'] });
    expect(shown(twice)).toEqual({ message: 'over', path: ['jobEvents'], extensions: { code } });
  });

  test('with the code INTERNAL is masked like a stranger', () => {
    const masked: unknown[] = [];
    const error = new PlayheadError('INTERNAL', 'redis://:secret@host');
    const result = toGraphQLError(
      error,
      by((_errorId, original) => masked.push(original)),
    );
    expect(result.message).toBe('Unexpected error');
    expect(masked).toEqual([error]);
  });
});

describe('anything else', () => {
  test.each([
    ['an error', new Error('password is hunter2')],
    ['a text', 'password is hunter2'],
    ['undefined', undefined],
    ['a scalar that cannot be written', new GraphQLError('Int cannot represent hunter2', { path: ['job'] })],
  ])('is masked and handed on whole: %s', (_what, thrown) => {
    const masked = new Map<string, unknown>();
    const result = toGraphQLError(
      thrown,
      by((errorId, error) => masked.set(errorId, error)),
    );
    const { errorId } = result.extensions;
    expect(result.message).toBe('Unexpected error');
    expect(result.extensions).toEqual({
      code: 'INTERNAL',
      errorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect([...masked]).toEqual([[errorId, thrown]]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(result.originalError).toBeUndefined();
    expect(result.stack).not.toContain('hunter2');
  });

  test('keeps its path, and a good field beside it its data', async () => {
    const failure = new Error('connection lost');
    const context = makeContext({ jobs: { ...makeContext().jobs, load: () => Promise.reject(failure) } });
    const answer = await ask('{ workflows { taskName } job(projectId: "demo", id: "x") { id } }', context);
    expect(answer.data).toMatchObject({ job: null, workflows: [{}, {}, {}, {}] });
    expect(answer.errors[0]?.path).toEqual(['job']);
    expect([...answer.masked.values()]).toEqual([failure]);
  });
});

describe('an error that is there already', () => {
  test('is not changed, and mapping twice is mapping once', () => {
    const before = new GraphQLError('connection lost', { originalError: badInput('first', 'a number', 0) });
    const once = toGraphQLError(before, by(never));
    expect(before.message).toBe('connection lost');
    expect(before.extensions).toEqual({});
    expect(toGraphQLError(once, by(never))).toBe(once);
    const masked = toGraphQLError(
      new Error('x'),
      by(() => {}),
    );
    expect(toGraphQLError(masked, by(never))).toBe(masked);
  });

  test('with a code that a plugin gave it stays as it is', () => {
    const error = new GraphQLError('Required CSRF header(s) not present', {
      extensions: { code: 'CSRF', http: { status: 403 } },
    });
    expect(toGraphQLError(error, by(never))).toBe(error);
  });

  test('with the code that Yoga gives every validation error is looked at once more', () => {
    const document = parse('{ jobs(projectId: "p", status: [BAD]) { edges { cursor } } nope }');
    const http = { spec: true, status: 400 };
    const errors = validate(schema, document).map(
      ({ message, nodes }) =>
        new GraphQLError(message, {
          nodes: nodes ?? null,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http },
        }),
    );
    const extensions = mapErrors(mapErrors(errors, by(never)), by(never)).map((error) => error.extensions);
    expect(extensions).toEqual([
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: 'status', received: 'BAD', http }),
      { code: 'GRAPHQL_VALIDATION_FAILED', http },
    ]);
  });

  test('keeps the HTTP status that Yoga reads', () => {
    const syntax = new GraphQLError('Syntax Error: Expected Name', {
      source: new Source('{'),
      positions: [1],
      extensions: { http: { status: 400 } },
    });
    expect(toGraphQLError(syntax, by(never)).extensions).toEqual({
      code: 'GRAPHQL_PARSE_FAILED',
      http: { status: 400 },
    });
  });
});

test('mapErrors keeps the order', () => {
  const errors = [badInput('first', 'a number'), new PlayheadError('NOT_FOUND', 'no job')];
  expect(mapErrors(errors, by(never)).map(({ extensions }) => extensions['code'])).toEqual([
    'BAD_USER_INPUT',
    'NOT_FOUND',
  ]);
});
