/**
 * Explains what graphql-js found wrong in a request: which argument or input field is faulty, and what it accepts.
 *
 * graphql-js 16 gives its errors no codes, so they are distinguished by the kind of node they blame and, where that is not
 * enough, by the fixed part of their message; test/schema/request-error.test.ts covers each of them.
 */
import {
  type ASTNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type GraphQLType,
  isInputType,
  Kind,
  type NamedTypeNode,
  parseType,
  print,
  type TypeNode,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { shorten } from '../core/text.ts';
import { describeFields, describeInput, inputFieldType, itemType } from './input-description.ts';
import { findPlace, findVariable } from './input-place.ts';

interface Explained {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
}

/**
 * Explains an error made by graphql-js itself.
 * @param schema that the request was made to
 * @param whileExecuting whether the error has a path: then only a faulty argument is the client's fault
 * @returns null when the request is not to blame
 */
export function explainRequestError(
  schema: GraphQLSchema,
  error: GraphQLError,
  whileExecuting: boolean,
): Explained | null {
  const fault = findFault(schema, error, whileExecuting);
  if (fault !== null) return badUserInput(fault);
  if (whileExecuting) return null;
  const code = error.message.startsWith('Syntax Error')
    ? 'GRAPHQL_PARSE_FAILED'
    : 'GRAPHQL_VALIDATION_FAILED';
  return { message: shorten(error.message, 500), extensions: { ...error.extensions, code } };
}

interface Fault {
  /** Path of the argument or input field, for example `input.items.0.script`. */
  readonly field: string;
  readonly expected: string;
  /** The value as in the request. */
  readonly received?: string | undefined;
}

function badUserInput({ field, expected, received }: Fault): Explained {
  const came = received === undefined ? undefined : shorten(received, 80);
  return {
    message: `${field}: expected ${expected}${came === undefined ? '' : `, received ${came}`}`,
    extensions: {
      code: 'BAD_USER_INPUT',
      field,
      expected,
      ...(came === undefined ? {} : { received: came }),
    },
  };
}

const TOO_MANY = 'Too many errors processing variables';
const FAULTY_ARGUMENT =
  /^(?:Field "\w+" a|A)rgument "(\w+)" (?:of (?:(?:required|non-null) )?type "([^"]+)" |has invalid value )/;
const MISSING_FIELD = /^Field "(?:\w+\.)?(\w+)" of required type "([^"]+)" was not provided/;
const UNKNOWN_FIELD = /^Field "(.*)" is not defined by type "\w+"/s;
const ABSENT_VARIABLE = /^Variable "\$\w+" of (required|non-null) type /;
const FAULTY_VARIABLE = /^Variable "\$\w+" got invalid value /;

function findFault(schema: GraphQLSchema, error: GraphQLError, whileExecuting: boolean): Fault | null {
  if (error.message.startsWith(TOO_MANY)) return { field: 'variables', expected: 'fewer invalid values' };
  const [node] = error.nodes ?? [];
  if (node === undefined) return null;
  if (node.kind === Kind.VARIABLE_DEFINITION) return findVariableFault(schema, node, error);
  const [, argument, typeName] = FAULTY_ARGUMENT.exec(error.message) ?? [];
  if (argument !== undefined) {
    const type = typeName === undefined ? findPlace(schema, node)?.type : readType(schema, typeName);
    return { field: argument, expected: describeInput(type) };
  }
  return whileExecuting || !isLiteral(node) ? null : findLiteralFault(schema, node, error.message);
}

function findLiteralFault(schema: GraphQLSchema, node: ASTNode, message: string): Fault | null {
  const place = findPlace(schema, node);
  if (place === null) return null;
  const missing = findMissingField(schema, place.path, message);
  if (missing !== null) return missing;
  if (node.kind === Kind.OBJECT_FIELD) {
    return { field: place.path.join('.'), expected: describeFields(place.parentType) };
  }
  return { ...describePlace(place.path, place.type), received: print(node) };
}

/** For a variable that is missing or has a faulty value, the argument that uses it is to blame. */
function findVariableFault(
  schema: GraphQLSchema,
  node: VariableDefinitionNode,
  error: GraphQLError,
): Fault | null {
  const path = findVariable(schema, node)?.path ?? [node.variable.name.value];
  const type = toInputType(schema, node.type);
  const absent = ABSENT_VARIABLE.exec(error.message);
  if (absent !== null) {
    return { ...describePlace(path, type), received: absent[1] === 'required' ? undefined : 'null' };
  }
  return FAULTY_VARIABLE.test(error.message) ? findValueFault(schema, path, type, error) : null;
}

/**
 * The message reads `Variable "$name" got invalid value VALUE at "name.items[0].script"; REASON`. The reason is the message of
 * a wrapped error; texts in VALUE are encoded as JSON, so none of them can end like a path.
 */
function findValueFault(
  schema: GraphQLSchema,
  used: readonly string[],
  declared: GraphQLInputType | undefined,
  error: GraphQLError,
): Fault {
  const reason = reasonOf(error);
  const rest = error.message.replace(FAULTY_VARIABLE, '').slice(0, -(reason.length + 2));
  const at = / at "\w+((?:\.\w+|\[\d+\])*)"$/.exec(rest);
  const steps = at?.[1]?.match(/\w+/g) ?? [];
  const path = [...used, ...steps];
  const type = steps.reduce(stepInto, declared);
  const missing = findMissingField(schema, path, reason);
  if (missing !== null) return missing;
  const unknown = UNKNOWN_FIELD.exec(reason)?.[1];
  if (unknown !== undefined) {
    return { field: [...path, shorten(unknown, 80)].join('.'), expected: describeFields(type) };
  }
  return { ...describePlace(path, type), received: rest.slice(0, at?.index) };
}

/** The wrapped error's message, with which the message ends; empty when there is none. */
function reasonOf(error: GraphQLError): string {
  let cause: Error | undefined = error.originalError;
  while (cause !== undefined) {
    if (error.message.endsWith(`; ${cause.message}`)) return cause.message;
    cause = cause instanceof GraphQLError ? cause.originalError : undefined;
  }
  return '';
}

function findMissingField(schema: GraphQLSchema, path: readonly string[], message: string): Fault | null {
  const [, name, typeName] = MISSING_FIELD.exec(message) ?? [];
  if (name === undefined || typeName === undefined) return null;
  return { field: [...path, name].join('.'), expected: describeInput(readType(schema, typeName)) };
}

/** Describes the argument or input field at a path: an item of a list of plain values is named by its list. */
function describePlace(path: readonly string[], type: GraphQLInputType | undefined): Fault {
  const last = path.at(-1) ?? '';
  const field = /^\d+$/.test(last) ? path.slice(0, -1) : path;
  return { field: field.join('.'), expected: describeInput(type) };
}

function stepInto(type: GraphQLInputType | undefined, step: string): GraphQLInputType | undefined {
  return /^\d+$/.test(step) ? itemType(type) : inputFieldType(type, step);
}

function readType(schema: GraphQLSchema, name: string): GraphQLInputType | undefined {
  return toInputType(schema, parseType(name));
}

function toInputType(schema: GraphQLSchema, node: TypeNode): GraphQLInputType | undefined {
  // typeFromAST is overloaded by the kind of type node, which is not known here.
  const type: GraphQLType | undefined = typeFromAST(schema, node as NamedTypeNode);
  return isInputType(type) ? type : undefined;
}

function isLiteral(node: ASTNode): boolean {
  switch (node.kind) {
    case Kind.INT:
    case Kind.FLOAT:
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.NULL:
    case Kind.ENUM:
    case Kind.LIST:
    case Kind.OBJECT:
    case Kind.OBJECT_FIELD:
      return true;
    default:
      return false;
  }
}
