/**
 * Where a value is in a request: the path from its argument down, and the type expected there.
 *
 * An error names a node, and a node does not know its parents. So when there is an error, and only then, its document is parsed
 * again, and every value in it is recorded by its position.
 */
import {
  type ASTNode,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  parse,
  type Source,
  TypeInfo,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface InputPlace {
  /** The argument's name, then input field names and list indexes from 0. */
  readonly path: readonly string[];
  /** The type expected there; undefined for an unknown field. */
  readonly type: GraphQLInputType | undefined;
  /** The type of what contains the value. */
  readonly parentType: GraphQLInputType | undefined;
}

interface PlaceIndex {
  /** By kind and position of the node. */
  readonly values: ReadonlyMap<string, InputPlace>;
  /** Where a variable is first used, by operation and name. */
  readonly variables: ReadonlyMap<string, InputPlace>;
}

const indexes = new WeakMap<Source, PlaceIndex>();

/** The place of a value or input field inside an argument of a field; null for any other node. */
export function findPlace(schema: GraphQLSchema, node: ASTNode): InputPlace | null {
  return indexOf(schema, node)?.values.get(valueKey(node)) ?? null;
}

/** The place where a variable is first used; null when no argument of a field uses it. */
export function findVariable(schema: GraphQLSchema, node: VariableDefinitionNode): InputPlace | null {
  const index = indexOf(schema, node);
  if (index === null) return null;
  const operation = index.values.get(valueKey(node))?.path[0] ?? '';
  const name = node.variable.name.value;
  return (
    index.variables.get(variableKey(operation, name)) ??
    index.variables.get(variableKey(FRAGMENT, name)) ??
    null
  );
}

/** Stands for the operation of anything inside a fragment. */
const FRAGMENT = 'fragment';

function valueKey(node: ASTNode): string {
  return `${node.kind}@${node.loc?.start ?? ''}`;
}

function variableKey(operation: string, name: string): string {
  return `${operation}$${name}`;
}

/** Null when the document was parsed without locations. */
function indexOf(schema: GraphQLSchema, node: ASTNode): PlaceIndex | null {
  const source = node.loc?.source;
  if (source === undefined) return null;
  const known = indexes.get(source);
  if (known !== undefined) return known;
  const index = buildIndex(schema, source);
  indexes.set(source, index);
  return index;
}

function buildIndex(schema: GraphQLSchema, source: Source): PlaceIndex {
  const types = new TypeInfo(schema);
  const indexer = new PlaceIndexer(types);
  const enter = (node: ASTNode, key: string | number | undefined) => indexer.enter(node, key);
  const leave = (node: ASTNode, key: string | number | undefined) => indexer.leave(node, key);
  visit(parse(source), visitWithTypeInfo(types, { enter, leave }));
  return indexer;
}

class PlaceIndexer implements PlaceIndex {
  readonly values = new Map<string, InputPlace>();
  readonly variables = new Map<string, InputPlace>();
  readonly #types: TypeInfo;
  readonly #path: string[] = [];
  #operation = FRAGMENT;

  constructor(types: TypeInfo) {
    this.#types = types;
  }

  /** @returns false to skip the node's children */
  enter(node: ASTNode, key: string | number | undefined): false | undefined {
    if (node.kind === Kind.OPERATION_DEFINITION) this.#operation = valueKey(node);
    if (node.kind === Kind.FRAGMENT_DEFINITION) this.#operation = FRAGMENT;
    if (node.kind === Kind.DIRECTIVE) return false;
    if (node.kind === Kind.VARIABLE_DEFINITION) {
      // Leads from the definition to its operation.
      this.values.set(valueKey(node), { path: [this.#operation], type: undefined, parentType: undefined });
      return false;
    }
    const segment = segmentOf(node, key);
    if (segment !== null) this.#path.push(segment);
    if (this.#path.length > 0) this.#note(node);
    return undefined;
  }

  leave(node: ASTNode, key: string | number | undefined): undefined {
    if (segmentOf(node, key) !== null) this.#path.pop();
  }

  #note(node: ASTNode): void {
    const parentType = this.#types.getParentInputType() ?? undefined;
    // At a list, TypeInfo already refers to its items.
    const type = node.kind === Kind.LIST ? parentType : (this.#types.getInputType() ?? undefined);
    const place = { path: [...this.#path], type, parentType };
    this.values.set(valueKey(node), place);
    if (node.kind !== Kind.VARIABLE) return;
    const used = variableKey(this.#operation, node.name.value);
    if (!this.variables.has(used)) this.variables.set(used, place);
  }
}

/** What a node adds to the path; null for nothing. */
function segmentOf(node: ASTNode, key: string | number | undefined): string | null {
  switch (node.kind) {
    case Kind.ARGUMENT:
    case Kind.OBJECT_FIELD:
      return node.name.value;
    case Kind.VARIABLE:
    case Kind.INT:
    case Kind.FLOAT:
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.NULL:
    case Kind.ENUM:
    case Kind.LIST:
    case Kind.OBJECT:
      return typeof key === 'number' ? String(key) : null;
    default:
      return null;
  }
}
