/** The product's schema with a field that a test resolves in its own way. */
import { GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema } from 'graphql';
import { schema as productSchema } from '../setup/schema.ts';

type Resolve = (
  source: { progress: number },
  context: { viewer?: string; artifactUrl(path: string): string },
) => unknown;

/** The product's schema, with another way to make ProgressEvent.message. */
export function schemaWith(resolve: Resolve): GraphQLSchema {
  // A copy, since resolvers are set in place.
  const schema = lexicographicSortSchema(productSchema);
  const type = schema.getType('ProgressEvent');
  if (!(type instanceof GraphQLObjectType)) throw new Error('expected the type ProgressEvent');
  const field = type.getFields()['message'];
  if (field === undefined) throw new Error('expected the field message');
  field.resolve = (source, _args, context) => resolve(source, context);
  return schema;
}

export const MESSAGES = `subscription ($projectId: ID!, $after: ID) {
  jobEvents(projectId: $projectId, after: $after) { ... on ProgressEvent { id progress message } ... on CompletionEvent { id } }
}`;
