/**
 * Checks that a subscription has one field where @skip and @include decide it. graphql-js 16 evaluates such conditions without
 * the variables: its rule throws where a condition is a variable, and where no field is left, subscribing fails as an internal
 * error.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type SelectionSetNode,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  type validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { collectFields } from './shared-delivery/collect-fields.ts';

/** Omits graphql-js's rule where only the variables can tell; `checkSubscriptionRoot` checks then. */
export const validateSubscriptionRoots: Plugin = {
  onValidate({ params, validateFn, setValidationFn }) {
    if (findCondition(params.documentAST) === null) return;
    setValidationFn((...[schema, document, rules = specifiedRules, ...more]: Parameters<typeof validate>) => {
      const others = rules.filter((rule) => rule !== SingleFieldSubscriptionsRule);
      return validateFn(schema, document, others, ...more);
    });
  },
};

/** @returns why a subscription does not have exactly one field; null when it does, or when the operation is no subscription */
export function checkSubscriptionRoot(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  given: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  const operation = getOperationAST(document, operationName);
  const type = schema.getSubscriptionType();
  if (operation?.operation !== 'subscription' || type == null) return null;
  const condition = findCondition(document);
  if (condition === null) return null;
  const { coerced: variables } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  // Faulty variables are reported later.
  if (variables === undefined) return null;
  const fields = collectFields({ schema, fragments: fragmentsOf(document), variables }, type, [operation]);
  if (fields.size === 1) return null;
  const left = fields.size === 0 ? 'leave none; do not subscribe then' : `leave ${fields.size}`;
  return new GraphQLError(`subscription: expected one field, but its @skip and @include ${left}`, {
    nodes: condition,
  });
}

/** The first condition on the root fields of a subscription in the document. */
function findCondition(document: DocumentNode): DirectiveNode | null {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== 'subscription') continue;
    for (const directive of conditionsIn(document, definition.selectionSet, new Set())) return directive;
  }
  return null;
}

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include']);

/** @param spread names of fragments visited already */
function* conditionsIn(
  document: DocumentNode,
  { selections }: SelectionSetNode,
  spread: Set<string>,
): Generator<DirectiveNode> {
  for (const selection of selections) {
    yield* (selection.directives ?? []).filter(({ name }) => CONDITIONS.has(name.value));
    if (selection.kind === Kind.FIELD) continue;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      yield* conditionsIn(document, selection.selectionSet, spread);
      continue;
    }
    const fragment = fragmentsOf(document).get(selection.name.value);
    if (fragment === undefined || spread.has(fragment.name.value)) continue;
    spread.add(fragment.name.value);
    yield* conditionsIn(document, fragment.selectionSet, spread);
  }
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}
