/**
 * Makes any document that subscribes to `jobEvents` resumable: what resuming needs (the argument `after`, the event's id and
 * time) is added where it is missing, and removed from the results again. Pure.
 */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
} from 'graphql';

type Fields = Record<string, unknown>;

/** What is read from an event in order to resume after it. */
export interface EventPlace {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
}

export interface ResumableDocument {
  readonly query: string;
  /** The variable for the cursor; null: the document has nothing to resume. */
  readonly cursorVariable: string | null;
  /** The caller's initial cursor, if any. */
  readonly firstCursor: string | undefined;
  /** Returns the event's place, and the data as requested by the caller. */
  read(data: Fields | null | undefined): { readonly place: EventPlace | null; readonly data: Fields | null };
}

const FIELD = 'jobEvents';
const CURSOR_VARIABLE = 'playheadAfter';
const ADDED_ID = 'playheadId';
const ADDED_TIMESTAMP = 'playheadTimestamp';

const prepared = new Map<string, DocumentNode>();

/** Documents of the same text are parsed once. */
function parsed(query: string): DocumentNode {
  let document = prepared.get(query);
  if (document === undefined) {
    document = parse(query, { noLocation: true });
    if (prepared.size > 100) prepared.clear();
    prepared.set(query, document);
  }
  return document;
}

/** @param variables as given by the caller */
export function makeResumable(
  query: string,
  operationName: string | null | undefined,
  variables: Readonly<Fields>,
): ResumableDocument {
  const document = parsed(query);
  const operation = getOperationAST(document, operationName);
  const root = operation == null ? null : rootField(operation);
  if (operation == null || root == null) {
    return {
      query,
      cursorVariable: null,
      firstCursor: undefined,
      read: (data) => ({ place: null, data: data ?? null }),
    };
  }
  const key = (root.alias ?? root.name).value;
  const after = root.arguments?.find(({ name }) => name.value === 'after');
  const ownVariable = after?.value.kind === Kind.VARIABLE ? after.value.name.value : null;
  const idKey = selects(root, 'id') ? 'id' : ADDED_ID;
  const timeKey = selects(root, 'timestamp') ? 'timestamp' : ADDED_TIMESTAMP;
  const isReady = ownVariable !== null && idKey === 'id' && timeKey === 'timestamp';
  return {
    query: isReady
      ? query
      : print(replaceOperation(document, operation, extend(operation, root, ownVariable))),
    cursorVariable: ownVariable ?? CURSOR_VARIABLE,
    firstCursor: firstCursor(after, variables),
    read: (data) => readEvent(data, key, idKey, timeKey),
  };
}

function rootField({ operation, selectionSet }: OperationDefinitionNode): FieldNode | null {
  const [field] = selectionSet.selections;
  return operation === 'subscription' && field?.kind === Kind.FIELD && field.name.value === FIELD
    ? field
    : null;
}

function firstCursor(after: ArgumentNode | undefined, variables: Readonly<Fields>): string | undefined {
  if (after === undefined) return undefined;
  const { value } = after;
  if (value.kind === Kind.STRING) return value.value;
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return typeof given === 'string' ? given : undefined;
}

/** Whether every event has the field under its own name. */
function selects({ selectionSet }: FieldNode, name: string): boolean {
  const isIt = (selection: SelectionNode): boolean =>
    selection.kind === Kind.FIELD &&
    selection.name.value === name &&
    selection.alias === undefined &&
    !selection.directives?.length;
  return (selectionSet?.selections ?? []).some(
    (selection) =>
      isIt(selection) ||
      (selection.kind === Kind.INLINE_FRAGMENT &&
        selection.typeCondition?.name.value === 'Event' &&
        !selection.directives?.length &&
        selection.selectionSet.selections.some(isIt)),
  );
}

function extend(
  operation: OperationDefinitionNode,
  root: FieldNode,
  ownVariable: string | null,
): OperationDefinitionNode {
  const [added] = parse(
    `subscription ($${CURSOR_VARIABLE}: ID) { ${FIELD}(after: $${CURSOR_VARIABLE}) { ... on Event { ${ADDED_ID}: id ${ADDED_TIMESTAMP}: timestamp } } }`,
    { noLocation: true },
  ).definitions as readonly OperationDefinitionNode[] as [OperationDefinitionNode];
  const [model] = added.selectionSet.selections as [FieldNode];
  const others = (root.arguments ?? []).filter(({ name }) => name.value !== 'after');
  const field: FieldNode = {
    ...root,
    arguments: ownVariable === null ? [...others, ...(model.arguments ?? [])] : (root.arguments ?? []),
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...(root.selectionSet?.selections ?? []), ...(model.selectionSet?.selections ?? [])],
    },
  };
  const definitions = ownVariable === null ? (added.variableDefinitions ?? []) : [];
  return {
    ...operation,
    variableDefinitions: [...(operation.variableDefinitions ?? []), ...definitions],
    selectionSet: {
      ...operation.selectionSet,
      selections: [field, ...operation.selectionSet.selections.slice(1)],
    },
  };
}

function replaceOperation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  other: OperationDefinitionNode,
): DocumentNode {
  const definitions = document.definitions.map((definition) =>
    definition === operation ? other : definition,
  );
  return { ...document, definitions };
}

function readEvent(
  data: Fields | null | undefined,
  key: string,
  idKey: string,
  timeKey: string,
): ReturnType<ResumableDocument['read']> {
  const event = data?.[key] as Fields | null | undefined;
  if (data == null || event == null) return { place: null, data: data ?? null };
  const { [idKey]: id, [timeKey]: timestamp } = event as Readonly<Record<string, string | undefined>>;
  const { [ADDED_ID]: _id, [ADDED_TIMESTAMP]: _timestamp, ...asked } = event;
  const isPlain = !(ADDED_ID in event) && !(ADDED_TIMESTAMP in event);
  return { place: { id, timestamp }, data: isPlain ? data : { ...data, [key]: asked } };
}
