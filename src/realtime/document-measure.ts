/** Measures how much a document asks for, without running it. Linear in its length, however often fragments are used. Pure. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../schema/page-info.ts';
import { MAX_WEBHOOKS } from '../webhooks/commands.ts';

export interface DocumentMeasure {
  /** Levels of nested fields, the operation's own being 1; introspection has its own rule in graphql-js. */
  readonly depth: number;
  /** Aliases in the whole document, used or not. */
  readonly aliases: number;
  /** The number of values that an answer may hold: each field counts 1, times the lengths of the lists that contain it. */
  readonly cost: number;
}

type Size = Pick<DocumentMeasure, 'depth' | 'cost'>;

/** The assumed length of a batch's list of items: it holds up to 1,000, but most hold far fewer. */
const ITEMS_LENGTH = 100;
/** The cost of reading through the project's log. */
const HISTORY_COST = 100;
/** Fields that return a page of `first` entries. */
const PAGED: ReadonlySet<string> = new Set(['jobs', 'history', 'deliveries']);
const NOTHING: Size = { depth: 0, cost: 0 };

/** @param variables as the client sent them: a page's length may be one */
export function measureDocument(
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): DocumentMeasure {
  const operation = getOperationAST(document, operationName);
  const size = operation == null ? NOTHING : new Measure(document, variables).of(operation.selectionSet);
  return { ...size, aliases: countAliases(document) };
}

/** Parsed documents are kept and shared by thousands of subscribers. */
const aliasCounts = new WeakMap<DocumentNode, number>();

function countAliases(document: DocumentNode): number {
  const known = aliasCounts.get(document);
  if (known !== undefined) return known;
  let count = 0;
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.FIELD && node.alias !== undefined) count += 1;
    },
  });
  aliasCounts.set(document, count);
  return count;
}

class Measure {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #known = new Map<string, Size>();
  readonly #variables: Readonly<Record<string, unknown>>;

  constructor(document: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    this.#variables = variables;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION)
        this.#fragments.set(definition.name.value, definition);
    }
  }

  of({ selections }: SelectionSetNode): Size {
    let depth = 0;
    let cost = 0;
    for (const selection of selections) {
      const size =
        selection.kind === Kind.FIELD
          ? this.#ofField(selection)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? this.#ofFragment(selection.name.value)
            : this.of(selection.selectionSet);
      depth = Math.max(depth, size.depth);
      cost += size.cost;
    }
    return { depth, cost };
  }

  #ofField(field: FieldNode): Size {
    if (field.name.value.startsWith('__')) return { depth: 1, cost: 1 };
    const below = field.selectionSet === undefined ? NOTHING : this.of(field.selectionSet);
    const own = field.name.value === 'history' ? HISTORY_COST : 1;
    return { depth: below.depth + 1, cost: own + below.cost * this.#length(field) };
  }

  #ofFragment(name: string): Size {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // Validation refuses fragment cycles; here they simply count as nothing.
    this.#known.set(name, NOTHING);
    const fragment = this.#fragments.get(name);
    const size = fragment === undefined ? NOTHING : this.of(fragment.selectionSet);
    this.#known.set(name, size);
    return size;
  }

  /** How many times the selection of a field may occur. */
  #length(field: FieldNode): number {
    if (field.name.value === 'items' || field.name.value === 'reportProgressMany') return ITEMS_LENGTH;
    if (field.name.value === 'webhooks') return MAX_WEBHOOKS;
    if (!PAGED.has(field.name.value)) return 1;
    const first = field.arguments?.find(({ name }) => name.value === 'first')?.value;
    if (first?.kind === Kind.INT) return pageLength(Number(first.value));
    if (first?.kind === Kind.VARIABLE) return pageLength(this.#variables[first.name.value]);
    return DEFAULT_PAGE_SIZE;
  }
}

/**
 * A variable may be anything; an invalid page length is refused later. A missing one may have a default, so it counts as the
 * maximum.
 */
function pageLength(first: unknown): number {
  if (first === null) return DEFAULT_PAGE_SIZE;
  return typeof first === 'number' && first >= 1 && first <= MAX_PAGE_SIZE ? first : MAX_PAGE_SIZE;
}
