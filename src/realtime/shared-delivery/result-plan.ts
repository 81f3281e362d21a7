/**
 * A document prepared for one group: which fields of which types there are, with their keys, arguments and resolvers, is worked
 * out once, and each event's result is written directly as JSON text. graphql-js works all of that out anew for every event,
 * which is most of an event's cost where every subscriber asks for something different.
 *
 * Only the plain case is planned: synchronous values, and a result without errors. Anything else (a promise, a thrown error, an
 * illegal null, a resolver that reads its `info`) yields no text, and graphql-js executes the event: it alone decides what such
 * a result must be. Resolvers are then called again, for that one event.
 */
import {
  type DocumentNode,
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql';
import { collectFields, type Selecting } from './collect-fields.ts';

/** What an operation asks for. */
export interface Asked {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Returns the JSON text of a value. @throws UNPLANNED, or whatever a resolver throws */
type Write = (value: unknown, context: unknown) => string;

/** A single object, since nobody reads its stack. */
const UNPLANNED = new Error('graphql-js has to execute this');

export class ResultPlan {
  readonly #selecting: Selecting;
  readonly #write: Write;
  readonly #info: GraphQLResolveInfo;
  #looked = false;

  /** @returns null when the document cannot be planned */
  static of({ schema, document, operationName, variables }: Asked): ResultPlan | null {
    const operation = getOperationAST(document, operationName);
    const root = operation == null ? null : schema.getRootType(operation.operation);
    if (operation == null || root == null) return null;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (coerced === undefined) return null;
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    }
    try {
      return new ResultPlan({ schema, fragments, variables: coerced }, root, operation);
    } catch {
      return null;
    }
  }

  private constructor(
    selecting: Selecting,
    root: GraphQLObjectType,
    operation: Pick<FieldNode, 'selectionSet'>,
  ) {
    this.#selecting = selecting;
    this.#info = this.#closedInfo();
    this.#write = this.#ofObject(root, [operation]);
  }

  /**
   * The result of one event, byte for byte `JSON.stringify` of what graphql-js's `execute` returns.
   * @returns null when graphql-js must execute it; usually that also holds for later events
   */
  write(event: object, context: unknown): string | null {
    this.#looked = false;
    try {
      const data = this.#write(event, context);
      return this.#looked ? null : `{"data":${data}}`;
    } catch {
      // Whatever it was, graphql-js will meet it too, and report it with its path.
      return null;
    }
  }

  /** Stands in for a resolver's `info`, whose path would have to be built anew each time. */
  #closedInfo(): GraphQLResolveInfo {
    const refuse = (): never => {
      this.#looked = true;
      throw UNPLANNED;
    };
    const handler: ProxyHandler<object> = { get: refuse, has: refuse, ownKeys: refuse };
    // Nothing can be read from it.
    return new Proxy({}, handler) as GraphQLResolveInfo;
  }

  #ofObject(type: GraphQLObjectType, nodes: readonly Pick<FieldNode, 'selectionSet'>[]): Write {
    if (type.isTypeOf) throw UNPLANNED;
    const fields: Write[] = [];
    for (const [key, same] of collectFields(this.#selecting, type, nodes)) {
      const before = `${fields.length === 0 ? '' : ','}${JSON.stringify(key)}:`;
      fields.push(this.#ofField(type, same, before));
    }
    return (source, context) => {
      if (typeof source !== 'object') throw UNPLANNED;
      let text = '{';
      for (const write of fields) text += write(source, context);
      return `${text}}`;
    };
  }

  /** @param nodes all selections of this key */
  #ofField(type: GraphQLObjectType, nodes: readonly FieldNode[], before: string): Write {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    if (name === '__typename') {
      const text = `${before}${JSON.stringify(type.name)}`;
      return () => text;
    }
    const field = type.getFields()[name];
    if (node === undefined || field === undefined) throw UNPLANNED;
    const write = this.#ofType(field.type, nodes);
    const resolve = field.resolve ?? defaultFieldResolver;
    if (resolve === defaultFieldResolver) {
      return (source, context) => {
        const value = (source as Readonly<Record<string, unknown>>)[name];
        if (typeof value === 'function') throw UNPLANNED;
        return before + write(value, context);
      };
    }
    const args = Object.freeze(getArgumentValues(field, node, this.#selecting.variables));
    const info = this.#info;
    return (source, context) => before + write(resolve(source, args, context, info), context);
  }

  #ofType(type: GraphQLOutputType, nodes: readonly FieldNode[]): Write {
    const required = isNonNullType(type);
    const write = this.#ofPresent(required ? type.ofType : type, nodes);
    return (value, context) => {
      if (value == null) {
        if (required) throw UNPLANNED;
        return 'null';
      }
      if (typeof value === 'object') refuseUnsettled(value);
      return write(value, context);
    };
  }

  #ofPresent(
    type: Exclude<GraphQLOutputType, { readonly ofType: never }>,
    nodes: readonly FieldNode[],
  ): Write {
    if (isLeafType(type)) return ofLeaf(type);
    if (isAbstractType(type)) return this.#ofAbstract(type, nodes);
    if (isObjectType(type)) return this.#ofObject(type, nodes);
    if (!isListType(type)) throw UNPLANNED;
    const write = this.#ofType(type.ofType, nodes);
    return (items, context) => {
      if (!Array.isArray(items)) throw UNPLANNED;
      return `[${Array.from(items, (item) => write(item, context)).join(',')}]`;
    };
  }

  /** The fields of each type are looked up when its first value arrives. */
  #ofAbstract(type: GraphQLAbstractType, nodes: readonly FieldNode[]): Write {
    const { schema } = this.#selecting;
    const { resolveType } = type;
    if (!resolveType) throw UNPLANNED;
    const known = new Map<unknown, Write>();
    return (value, context) => {
      const name = resolveType(value, context, this.#info, type);
      let write = known.get(name);
      if (write === undefined) {
        const object = typeof name === 'string' ? schema.getType(name) : undefined;
        if (!isObjectType(object) || !schema.isSubType(type, object)) throw UNPLANNED;
        write = this.#ofObject(object, nodes);
        known.set(name, write);
      }
      return write(value, context);
    };
  }
}

function ofLeaf(type: GraphQLLeafType): Write {
  return (value) => {
    const leaf: unknown = type.serialize(value);
    const text = leaf == null ? undefined : JSON.stringify(leaf);
    if (text === undefined) throw UNPLANNED;
    return text;
  };
}

/** Leaves errors and promises to graphql-js, whose own call of the resolver counts; a rejection of this promise is ignored. */
function refuseUnsettled(value: object): void {
  if (value instanceof Error) throw UNPLANNED;
  const { then } = value as { readonly then?: unknown };
  if (typeof then !== 'function') return;
  Reflect.apply(then, value, [undefined, () => {}]);
  throw UNPLANNED;
}
