/**
 * Collects the fields that a selection requests of an object type: CollectFields of the GraphQL specification, section 6.3.2.
 * Pure.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLDirective,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What decides which fields are collected, besides the selection. */
export interface Selecting {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * @param nodes whose selections are merged
 * @returns the selections of each response key, in the order of the result
 * @throws GraphQLError when a directive's variable is missing
 */
export function collectFields(
  selecting: Selecting,
  type: GraphQLObjectType,
  nodes: readonly Selected[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const spread = new Set<string>();
  const fields = nodes.flatMap((node) => [...fieldsOf(selecting, type, node, spread)]);
  return Map.groupBy(fields, ({ alias, name }) => (alias ?? name).value);
}

interface Selected {
  readonly selectionSet?: SelectionSetNode | undefined;
  readonly typeCondition?: NamedTypeNode | undefined;
}

/** @param spread names of fragments visited already */
function* fieldsOf(
  selecting: Selecting,
  type: GraphQLObjectType,
  { selectionSet }: Selected,
  spread: Set<string>,
): Generator<FieldNode> {
  for (const selection of selectionSet?.selections ?? []) {
    if (!isIncluded(selecting, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      yield selection;
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : taken(selecting, selection, spread);
    if (fragment !== undefined && applies(selecting, fragment, type)) {
      yield* fieldsOf(selecting, type, fragment, spread);
    }
  }
}

/** The named fragment, the first time it is spread. */
function taken(
  { fragments }: Selecting,
  { name }: FragmentSpreadNode,
  spread: Set<string>,
): FragmentDefinitionNode | undefined {
  if (spread.has(name.value)) return undefined;
  spread.add(name.value);
  return fragments.get(name.value);
}

function isIncluded({ variables }: Selecting, node: SelectionNode): boolean {
  const condition = (directive: GraphQLDirective): unknown =>
    getDirectiveValues(directive, node, variables)?.['if'];
  return condition(GraphQLSkipDirective) !== true && condition(GraphQLIncludeDirective) !== false;
}

function applies({ schema }: Selecting, { typeCondition }: Selected, type: GraphQLObjectType): boolean {
  if (typeCondition === undefined) return true;
  const named = schema.getType(typeCondition.name.value);
  return named === type || (isAbstractType(named) && schema.isSubType(named, type));
}
