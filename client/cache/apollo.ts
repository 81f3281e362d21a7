/**
 * What Apollo Client 4 needs to keep lists, pages and batches up to date from nothing but the selection of a subscription:
 *
 *     new InMemoryCache(apolloJobCache(order))
 *
 * The subscription selects `... on Event { id job { … } }` with the fields that the lists show. No Apollo is imported here.
 */

import { type JobListArguments, type PlacedJob, placeJob } from './job-lists.ts';
import type { JobOrder } from './job-order.ts';

/** A reference to a normalised object. */
interface Reference {
  readonly __ref: string;
}
type ReadField = (name: string, from?: unknown) => unknown;

/** The part of Apollo's options for field functions that is used; their own types are generic over the store's objects. */
interface MergeOptions {
  readonly args: JobListArguments | null;
  readonly readField: unknown;
  readonly toReference: unknown;
  readonly cache: { modify(options: never): boolean };
}

interface List {
  readonly edges?: readonly object[];
  readonly pageInfo?: { readonly hasNextPage?: unknown };
}

const EVENTS = ['ProgressEvent', 'ErrorEvent', 'CompletionEvent'];

/**
 * Options for InMemoryCache. If you select results, add your server's possibleTypes of JobResult and Result.
 * @param order that results pass through before they reach the cache
 */
export function apolloJobCache(order: Pick<JobOrder, 'newJobs'>) {
  return {
    possibleTypes: { Event: EVENTS, JobEvent: EVENTS },
    typePolicies: {
      ProgressEvent: { keyFields: false as const },
      ErrorEvent: { keyFields: false as const },
      CompletionEvent: { keyFields: false as const },
      Query: {
        fields: {
          jobs: {
            merge: (_before: unknown, answer: unknown, options: MergeOptions): unknown =>
              order.newJobs.reduce((list, job) => placeInList(list, job, options), answer as List),
          },
        },
      },
      Subscription: {
        fields: {
          jobEvents: {
            keyArgs: false as const,
            // Events would be kept forever; their jobs are in the cache by now.
            merge: (_before: unknown, event: unknown, options: MergeOptions): null => {
              placeInLists(event, options);
              return null;
            },
            // Apollo reads each result back and would keep what it read; the original result serves as well.
            read: (): undefined => undefined,
          },
        },
      },
    },
  };
}

function placeInLists(event: unknown, options: MergeOptions): void {
  const readField = options.readField as ReadField;
  const reference = readField('job', event);
  const [id, projectId, status, workflow] = ['id', 'projectId', 'status', 'workflow'].map((name) =>
    readField(name, reference),
  );
  if (reference === undefined || typeof id !== 'string') return;
  const job: PlacedJob = { id, projectId, status, workflow };
  const fields = {
    jobs: (list: unknown, { storeFieldName }: { readonly storeFieldName: string }): unknown =>
      placeInList(list as List, job, { ...options, args: argumentsOf(storeFieldName) }),
  };
  options.cache.modify({ id: 'ROOT_QUERY', fields } as never);
}

function placeInList(list: List, job: PlacedJob, options: Omit<MergeOptions, 'cache'>): List {
  const readField = options.readField as ReadField;
  const edges = list.edges ?? [];
  const ids = edges.map((edge) => String(readField('id', readField('node', edge))));
  const place = placeJob(ids, job, options.args ?? {}, list.pageInfo?.hasNextPage === true);
  if (place === null) return list;
  if ('removeAt' in place) return { ...list, edges: edges.toSpliced(place.removeAt, 1) };
  const toReference = options.toReference as (object: object) => Reference | undefined;
  const node = toReference({ __typename: 'Job', id: job.id });
  return {
    ...list,
    edges: edges.toSpliced(place.insertAt, 0, { __typename: 'JobEdge', cursor: '', node }),
  };
}

/** Apollo names fields in its store `jobs({"projectId":"demo"})`, or `jobs:{…}` where a policy has keyArgs. */
function argumentsOf(storeFieldName: string): JobListArguments {
  const json = /\{.*\}/s.exec(storeFieldName)?.[0];
  try {
    return json === undefined ? {} : (JSON.parse(json) as JobListArguments);
  } catch {
    return {};
  }
}
