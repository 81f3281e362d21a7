/**
 * Numbers that JSON cannot carry exactly. graphql-js accepts any whole number as an ID: 9007199254740993 would arrive as …992.
 */
import { type DocumentNode, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { badInput } from '../core/errors.ts';
import { findVariable } from '../schema/input-place.ts';

/**
 * Searches the variables of an operation. In the document itself, a number is text and therefore exact.
 * @returns BAD_USER_INPUT naming the place, or null. Other than ids, no input of the API takes a number that large
 */
export function findInexactNumber(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  const inexact = findInexact(variables);
  if (inexact === null) return null;
  const [name = '', ...path] = pathTo(inexact);
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const definition = definitions.find(({ variable }) => variable.name.value === name);
  const place = definition === undefined ? null : findVariable(schema, definition);
  const field = [...(place?.path ?? [name]), ...path].join('.');
  const error = badInput(
    field,
    `an id as text; JSON holds whole numbers only up to ${Number.MAX_SAFE_INTEGER}`,
  );
  return new GraphQLError(error.message, { nodes: definition ?? null, originalError: error });
}

/** A value within the variables, and the path to it; no recursion, since a client may nest them as deeply as it likes. */
interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly above: Place | null;
}

function findInexact(variables: Readonly<Record<string, unknown>>): Place | null {
  const waiting = placesIn(variables, null);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { value } = place;
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    for (const below of placesIn(value, place)) waiting.push(below);
  }
  return null;
}

function placesIn(value: object, above: Place | null): Place[] {
  return Object.entries(value).map(([key, below]) => ({ value: below, key, above }));
}

function pathTo(place: Place): readonly string[] {
  const path: string[] = [];
  for (let at: Place | null = place; at !== null; at = at.above) path.unshift(at.key);
  return path;
}
