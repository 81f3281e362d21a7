/** Makes one request for every operation that the schema has, so that a new one can't be left out of a test. */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { schema } from '../setup/schema.ts';

export interface Operation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  readonly source: string;
  variables(projectId: string, jobId: string): Record<string, unknown>;
}

/** What an argument or input field of that name gets. */
const VALUES: Readonly<Record<string, unknown>> = {
  script: 'MIRA: Hello.',
  text: 'Hello there.',
  brief: 'A short film about rain.',
  url: 'https://example.com/hook',
  deliveryId: 'msg_none',
  taskName: 'transcode',
  lease: 'a lease',
  error: 'It failed.',
};

export const OPERATIONS: readonly Operation[] = [
  { kind: 'query', type: schema.getQueryType() },
  { kind: 'mutation', type: schema.getMutationType() },
  { kind: 'subscription', type: schema.getSubscriptionType() },
].flatMap(({ kind, type }) =>
  Object.values(type?.getFields() ?? {}).map((field): Operation => {
    const args = field.args.filter(isRequired);
    const declared = args.map(({ name, type: argType }) => `$${name}: ${argType}`).join(', ');
    const given = args.map(({ name }) => `${name}: $${name}`).join(', ');
    const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
    const call = args.length === 0 ? field.name : `${field.name}(${given})`;
    return {
      kind: kind as Operation['kind'],
      name: field.name,
      source: `${kind} X${declared && `(${declared})`} { ${call}${selection} }`,
      variables: (projectId, jobId) =>
        Object.fromEntries(args.map((arg) => [arg.name, exampleOf(arg.name, arg.type, projectId, jobId)])),
    };
  }),
);

function isRequired({ type }: GraphQLArgument | GraphQLInputField): boolean {
  return isNonNullType(type);
}

function exampleOf(name: string, type: GraphQLInputType, projectId: string, jobId: string): unknown {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner)) return [exampleOf(name, inner.ofType, projectId, jobId)];
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).filter(isRequired);
    return Object.fromEntries(
      fields.map((field) => [field.name, exampleOf(field.name, field.type, projectId, jobId)]),
    );
  }
  if (name === 'projectId') return projectId;
  if (name === 'id' || /job_?id$/i.test(name)) return jobId;
  const value = VALUES[name];
  if (value === undefined)
    throw new Error(`${name}: expected to be in VALUES of test/security/operations.ts`);
  return value;
}
