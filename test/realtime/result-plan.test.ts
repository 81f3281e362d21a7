/** Planned results: the same bytes as graphql-js, or none. */
import fc from 'fast-check';
import {
  buildSchema,
  execute,
  type GraphQLObjectType,
  GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { ResultPlan } from '../../src/realtime/shared-delivery/result-plan.ts';
import { schema } from '../setup/schema.ts';

const place = { epoch: 'epochepoch', seq: 12, hash: 'hashhashhash' };
const fields = {
  projectId: 'p"1',
  jobId: 'job',
  taskName: 'video_generation',
  attempt: 2,
  timestamp: '2026-01-31T09:30:00.000Z',
};
const eta = {
  remainingSeconds: 7,
  lowSeconds: 3.5,
  highSeconds: 9,
  finishesAt: '2026-01-31T09:30:07.000Z',
};
const progress = {
  ...fields,
  type: 'ProgressEvent',
  progress: 0.5,
  status: 'processing',
  step: null,
  message: 'Zeile 1\nline 2 \u2028 ✓ "quoted" \ud83c\udfac',
  metadata: { current_clip: 3, warnings: ['<a>'], nested: { x: [] } },
};
const artifact = { path: 'p/j/final.mp4', contentType: 'video/mp4', sizeBytes: 12 };
const result = {
  type: 'VideoResult',
  finalVideoPath: artifact.path,
  video: artifact,
  subtitles: artifact,
  thumbnail: artifact,
  totalDuration: 1.5,
  totalCostUsd: 0,
  clips: 3,
};
const EVENTS = [
  progress,
  { ...progress, metadata: null, eta },
  {
    ...fields,
    type: 'ErrorEvent',
    error: 'failed',
    code: 'TIMED_OUT',
    details: null,
    willRetry: false,
    retryAfterSeconds: 0.25,
  },
  { ...fields, type: 'CompletionEvent', result },
].map((event) => ({ ...place, event }));
const CONTEXT = {
  artifactUrl: (path: string) => `/files/${path}?signed`,
  recordOf: async () => null,
  inputOf: async () => null,
  linesOf: async () => [],
  jobs: { load: async () => null },
};

/** Writes a document from a list of numbers, each of which decides one thing; when they run out, it comes to its end. */
class Author {
  readonly #choices: number[];
  readonly #fragments: string[] = [];
  #aliases = 0;

  constructor(choices: readonly number[]) {
    this.#choices = [...choices];
  }

  write(): string {
    const selection = this.#selection('JobEvent', 4);
    const head = 'subscription ($projectId: ID!, $yes: Boolean = true, $no: Boolean!)';
    return `${head} { jobEvents(projectId: $projectId) ${selection} }\n${this.#fragments.join('\n')}`;
  }

  #choose(count: number): number {
    return (this.#choices.shift() ?? 0) % count;
  }

  #selection(typeName: string, depth: number): string {
    const parts = Array.from({ length: 1 + this.#choose(5) }, () => this.#part(typeName, depth));
    return `{ ${parts.join(' ')} }`;
  }

  #part(typeName: string, depth: number): string {
    const condition = [
      '',
      '',
      ' @skip(if: $no)',
      ' @skip(if: $yes)',
      ' @include(if: $yes)',
      ' @include(if: $no)',
    ][this.#choose(6)];
    const alias = this.#choose(3) === 1 ? `a${this.#aliases++}: ` : '';
    const way = depth === 0 ? 0 : this.#choose(4);
    if (way === 2) return `... ${condition} ${this.#selection(typeName, depth - 1)}`;
    if (way === 3) return this.#onOther(typeName, depth, condition ?? '');
    const type = schema.getType(typeName);
    const names =
      isObjectType(type) || (isAbstractType(type) && 'getFields' in type)
        ? Object.keys(type.getFields())
        : [];
    const name = names[this.#choose(names.length + 1)] ?? '__typename';
    if (name === '__typename' || !type || !('getFields' in type)) return `${alias}__typename${condition}`;
    const inner = fieldTypeName(type as GraphQLObjectType, name);
    const under =
      inner === null ? '' : depth === 0 ? ' { __typename }' : ` ${this.#selection(inner, depth - 1)}`;
    return `${alias}${name}${condition}${under}`;
  }

  /** A fragment, inline or named, on a type that may be the one at hand. */
  #onOther(typeName: string, depth: number, condition: string): string {
    const type = schema.getType(typeName);
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
    const names = [
      typeName,
      ...possible.map(({ name }) => name),
      ...(possible.length > 0 ? [] : interfacesOf(typeName)),
    ];
    const on = names[this.#choose(names.length)] ?? typeName;
    const selection = this.#selection(on, depth - 1);
    if (this.#choose(2) === 0) return `... on ${on}${condition} ${selection}`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${on} ${selection}`);
    return `...${name}${condition} ...${name}`;
  }
}

function fieldTypeName(type: GraphQLObjectType, name: string): string | null {
  const named = /\w+/.exec(String(type.getFields()[name]?.type))?.[0] ?? '';
  return isCompositeType(schema.getType(named)) ? named : null;
}

function interfacesOf(typeName: string): string[] {
  const type = schema.getType(typeName);
  return isObjectType(type) ? type.getInterfaces().map(({ name }) => name) : [];
}

test('any valid document gives the bytes that graphql-js gives, for every kind of event', () => {
  let planned = 0;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9_999 }), { minLength: 1, maxLength: 150 }), (choices) => {
      const document = parse(new Author(choices).write());
      fc.pre(validate(schema, document).length === 0);
      const variables = { projectId: 'p', no: false };
      const plan = ResultPlan.of({ schema, document, operationName: null, variables });
      for (const event of EVENTS) {
        const executed = execute({
          schema,
          document,
          variableValues: variables,
          rootValue: event,
          contextValue: CONTEXT,
        });
        const written = plan?.write(event, CONTEXT);
        // A job has fields that have to be read, which are left to graphql-js.
        if (executed instanceof Promise) {
          expect(written).toBeNull();
          continue;
        }
        expect(executed).not.toHaveProperty('errors');
        expect(written).toBe(JSON.stringify(executed));
        planned += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(planned).toBeGreaterThan(400);
});

const SMALL = `
  scalar Any
  type Query { ok: Int }
  type Thing { name: String, must: String!, tags: [String!], list: [Thing], any: Any, echo(text: String = "none", n: Int): String, one: Named, inner: Thing }
  union Named = Thing
  type Subscription { thing: Thing, must: Thing! }`;

/** The one event's result by plan and by graphql-js, with some of the types' functions replaced. */
function both(
  selection: string,
  thing: unknown,
  change: (schema: GraphQLSchema, type: GraphQLObjectType) => void = () => {},
) {
  const small = buildSchema(SMALL);
  change(small, small.getType('Thing') as GraphQLObjectType);
  const document = parse(`subscription ($n: Int) { thing ${selection} }`);
  const asked = { schema: small, document, operationName: null, variables: { n: 5 } };
  const plan = ResultPlan.of(asked);
  const event = { thing };
  const executed = execute({ schema: small, document, variableValues: asked.variables, rootValue: event });
  return { planned: plan?.write(event, undefined) ?? null, executed };
}

test.each([
  ['lists and null', '{ tags name }', { tags: ['a', 'b'] }],
  [
    'a list of objects with null in it',
    '{ list { name list { name } } }',
    { list: [{ name: 'x', list: [] }, null] },
  ],
  ['falsy values', '{ name any }', { name: '', any: 0 }],
  ['no object', '{ name }', null],
])('%s: planned', (_name, selection, thing) => {
  const { planned, executed } = both(selection, thing);
  expect(planned).toBe(JSON.stringify(executed));
});

test('arguments reach a resolver, defaults and variables too', () => {
  const { planned, executed } = both('{ a: echo b: echo(text: "x", n: $n) }', {}, (_schema, type) => {
    const field = type.getFields()['echo'];
    if (field !== undefined) field.resolve = (_source, args) => JSON.stringify(args);
  });
  expect(planned).toBe(JSON.stringify(executed));
  expect(planned).toContain('none');
});

type Change = Parameters<typeof both>[2];
const resolving =
  (
    resolve: (source: unknown, args: unknown, context: unknown, info: { fieldName: string }) => unknown,
  ): Change =>
  (_schema, type) => {
    const field = type.getFields()['name'];
    if (field !== undefined) field.resolve = resolve;
  };

test.each<[string, string, unknown, Change?]>([
  ['null where there must be a value', '{ must }', {}],
  ['null in a list that takes none', '{ tags }', { tags: ['a', null] }],
  ['an Error as a value', '{ name }', { name: new Error('broken') }],
  ['a value that does not fit its scalar', '{ name }', { name: {} }],
  [
    'a scalar that serialises to nothing',
    '{ any }',
    { any: 1 },
    (small) => {
      const type = small.getType('Any');
      if (type instanceof GraphQLScalarType) type.serialize = () => undefined;
    },
  ],
  ['a promise', '{ name }', { name: Promise.resolve('later') }],
  [
    'a promise that fails, without an unhandled rejection',
    '{ name }',
    {},
    resolving(() => Promise.reject(new Error('late'))),
  ],
  ['a method', '{ name }', { name: () => 'called' }],
  ['any iterable', '{ tags }', { tags: new Set(['a']) }],
  ['a list that is none', '{ tags }', { tags: 'a' }],
  ['an object that is none', '{ inner { name } }', { inner: 'text' }],
  [
    'a resolver that throws',
    '{ name }',
    {},
    resolving(() => {
      throw new Error('broken');
    }),
  ],
  [
    'a resolver that looks into info',
    '{ name }',
    {},
    resolving((_source, _args, _context, { fieldName }) => fieldName),
  ],
  [
    'a resolver that looks into info and hides it',
    '{ name }',
    {},
    resolving((_source, _args, _context, info) => {
      try {
        return info.fieldName;
      } catch {
        return 'hidden';
      }
    }),
  ],
  [
    'a resolver that changes its arguments',
    '{ name }',
    {},
    resolving((_source, args) => {
      Object.assign(args as object, { more: 1 });
      return 'x';
    }),
  ],
  [
    'a type that checks its values',
    '{ inner { name } }',
    { inner: {} },
    (_small, type) => {
      type.isTypeOf = () => false;
    },
  ],
  ['an abstract type that no function resolves', '{ one { __typename } }', { one: { __typename: 'Thing' } }],
  [
    'an abstract type resolved to nothing known',
    '{ one { __typename } }',
    { one: {} },
    (small) => {
      const type = small.getType('Named');
      if (isAbstractType(type)) type.resolveType = () => 'Query';
    },
  ],
])('%s: left to graphql-js', (_name, selection, thing, change) => {
  const { planned } = both(selection, thing, change);
  expect(planned).toBeNull();
});

test('a document without its operation, or with a variable that does not fit, is left to graphql-js', () => {
  const document = parse('subscription S($n: Int!) { thing { echo(n: $n) } }');
  const small = buildSchema(SMALL);
  expect(ResultPlan.of({ schema: small, document, operationName: 'T', variables: { n: 1 } })).toBeNull();
  expect(ResultPlan.of({ schema: small, document, operationName: 'S', variables: {} })).toBeNull();
  expect(ResultPlan.of({ schema: small, document, operationName: 'S', variables: { n: 1 } })).not.toBeNull();
});
