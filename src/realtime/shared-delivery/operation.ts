/** What a subscription's document asks for: the part of a request that determines the results. Pure. */
import {
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

/** The field whose events are shared among subscribers. */
export const SHARED_FIELD = 'jobEvents';
/**
 * Arguments that choose which events a subscriber gets and from where; no result depends on them. An argument that is not
 * listed here counts as part of what is asked, so a new one can at worst make groups smaller.
 */
export const CHOOSING_ARGUMENTS: readonly string[] = [
  'projectId',
  'jobId',
  'after',
  'snapshot',
  'snapshotLimit',
];

/**
 * The variables that can reach a result of the document's operation.
 * @returns null when the operation's only field is not a plain jobEvents: it is not shared
 */
export function resultVariables(
  document: DocumentNode,
  operationName: string | null | undefined,
): readonly string[] | null {
  const operation = getOperationAST(document, operationName);
  const root = operation == null ? null : rootField(operation);
  if (root === null) return null;
  const chosen = new Set<unknown>(
    (root.arguments ?? []).filter(({ name }) => CHOOSING_ARGUMENTS.includes(name.value)),
  );
  const names = new Set<string>();
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.VARIABLE_DEFINITION || chosen.has(node)) return false;
      if (node.kind === Kind.VARIABLE) names.add(node.name.value);
      return undefined;
    },
  });
  return [...names].sort();
}

/**
 * Equal keys mean equal results for the same event, for viewers that see the same.
 * @param viewerJobId the only job that the viewer sees; null: all of them
 */
export function groupKey(
  query: string,
  operationName: string | null | undefined,
  variableNames: readonly string[],
  variables: Readonly<Record<string, unknown>> | null | undefined,
  viewerJobId: string | null,
): string {
  // An absent variable takes its default, a null one does not: JSON omits only absent ones.
  const values = Object.fromEntries(variableNames.map((name) => [name, variables?.[name]]));
  return JSON.stringify([viewerJobId, operationName ?? null, values, query]);
}

function rootField({ operation, selectionSet }: OperationDefinitionNode): FieldNode | null {
  const [field, ...more] = selectionSet.selections;
  if (operation !== 'subscription' || field?.kind !== Kind.FIELD || more.length > 0) return null;
  return field.name.value === SHARED_FIELD && !field.directives?.length ? field : null;
}
