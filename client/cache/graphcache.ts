/**
 * What urql's graphcache needs to keep lists, pages and batches up to date from nothing but the selection of a subscription:
 *
 *     cacheExchange(graphcacheJobs(order))
 *
 * The subscription selects `... on Event { id job { … } }` with the fields that the lists show. Nothing of urql is imported
 * here.
 */
import { type DocumentNode, parse } from 'graphql';
import { type PlacedJob, placeJob } from './job-lists.ts';
import type { JobOrder } from './job-order.ts';

/** The part of graphcache's Cache that is used. */
interface Cache {
  inspectFields(entity: string): readonly {
    readonly fieldName: string;
    readonly fieldKey: string;
    readonly arguments: Readonly<Record<string, unknown>> | null;
  }[];
  resolve(entity: never, fieldKey: string): unknown;
  link(entity: never, field: string, value: never): void;
  writeFragment(fragment: DocumentNode, data: never): void;
}

const EDGE = parse('fragment PlayheadJobEdge on JobEdge { __typename cursor node { __typename id } }');
/** Types that have no id, or are not kept. */
const EMBEDDED = ['JobConnection', 'EventConnection', 'EventEdge', 'PageInfo', 'JobStep', 'Eta', 'JobError'];
const EVENTS = ['ProgressEvent', 'ErrorEvent', 'CompletionEvent'];
const OTHERS = ['Artifact', 'WorkflowInfo', 'StepRange', 'BatchResult', 'DataResult', 'UnreadableJob'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Options for cacheExchange. If you select results of workflows, add their types to `keys`, each with `() => null`.
 * @param order that results pass through before they reach the cache
 */
export function graphcacheJobs(order: Pick<JobOrder, 'newJobs'>) {
  return {
    keys: {
      ...Object.fromEntries([...EMBEDDED, ...EVENTS, ...OTHERS].map((type) => [type, () => null])),
      JobEdge: keyOfEdge,
    },
    updates: {
      Query: {
        jobs: (_result: Fields, _args: Fields, cache: unknown): void => {
          for (const job of order.newJobs) placeInLists(job, cache as Cache);
        },
      },
      Subscription: {
        jobEvents: (result: Fields, _args: Fields, cache: unknown): void => {
          const { job } = result['jobEvents'] as { readonly job?: PlacedJob };
          // graphcache's type distinguishes entities from values, which does not matter here.
          if (job !== undefined) placeInLists(job, cache as Cache);
        },
      },
    },
  };
}

function keyOfEdge({ cursor }: Fields): string | null {
  return typeof cursor === 'string' ? cursor : null;
}

function placeInLists(job: PlacedJob, cache: Cache): void {
  for (const { arguments: asked, fieldKey, fieldName } of cache.inspectFields('Query')) {
    if (fieldName !== 'jobs') continue;
    const list = cache.resolve('Query' as never, fieldKey);
    const edges = cache.resolve(list as never, 'edges');
    if (!Array.isArray(edges)) continue;
    const ids = edges.map((edge) =>
      String(cache.resolve(cache.resolve(edge as never, 'node') as never, 'id')),
    );
    const pageInfo = cache.resolve(list as never, 'pageInfo');
    const hasMore = pageInfo != null && cache.resolve(pageInfo as never, 'hasNextPage') === true;
    const place = placeJob(ids, job, asked ?? {}, hasMore);
    if (place === null) continue;
    cache.link(list as never, 'edges', changed(edges, place, job, cache) as never);
  }
}

function changed(
  edges: readonly unknown[],
  place: NonNullable<ReturnType<typeof placeJob>>,
  { id }: PlacedJob,
  cache: Cache,
): readonly unknown[] {
  if ('removeAt' in place) return edges.toSpliced(place.removeAt, 1);
  const cursor = `playhead:${id}`;
  const edge = { __typename: 'JobEdge', cursor, node: { __typename: 'Job', id } };
  cache.writeFragment(EDGE, edge as never);
  return edges.toSpliced(place.insertAt, 0, `JobEdge:${cursor}`);
}
