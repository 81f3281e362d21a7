/** Job.history: a Relay connection over the job's events. */
import { decodeCursor, encodeCursor } from '../log/cursor.ts';
import type { LoggedEvent } from '../progress/events.ts';
import type { Builder } from './builder.ts';
import type { SchemaContext } from './context.ts';
import type { JobRef } from './job.ts';
import { type JobEventRef, toEventSource } from './job-event.ts';
import {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type PageInfo,
  type PageInfoRef,
  parsePageSize,
} from './page-info.ts';

interface EventConnection {
  readonly edges: readonly LoggedEvent[];
  readonly pageInfo: PageInfo;
}

/** Adds the field to Job separately, because the event types need that of Job first. */
export function addJobHistory(
  builder: Builder,
  job: JobRef,
  event: JobEventRef,
  pageInfo: PageInfoRef,
): void {
  const edge = builder.objectRef<LoggedEvent>('EventEdge').implement({
    description: 'An event and its place in the history.',
    fields: (t) => ({
      cursor: t.string({
        description: 'The event’s id: for history(after:), and for jobEvents(after:).',
        resolve: encodeCursor,
      }),
      node: t.field({ type: event, description: 'The event.', resolve: toEventSource }),
    }),
  });
  const connection = builder.objectRef<EventConnection>('EventConnection').implement({
    description: 'A page of a job’s events, oldest first (Relay).',
    fields: (t) => ({
      edges: t.expose('edges', { type: [edge], description: 'The events of this page, oldest first.' }),
      pageInfo: t.expose('pageInfo', { type: pageInfo, description: 'Where the page begins and ends.' }),
    }),
  });
  builder.objectField(job, 'history', (t) =>
    t.field({
      type: connection,
      description:
        'The job’s events as far as they are kept, oldest first, page by page (Relay connection). The log of a project keeps its newest events, so those of an old job may be missing; a batch has its own, not those of its items. As of now, also through an event. Errors: BAD_USER_INPUT, EVENTS_EXPIRED (`after` is no longer kept), UNAVAILABLE.',
      args: {
        first: t.arg.int({
          description: `Length of the page, 1..${MAX_PAGE_SIZE}; default ${DEFAULT_PAGE_SIZE}.`,
        }),
        after: t.arg.id({ description: 'Id of an event of this project: only events after it.' }),
      },
      resolve: ({ id, projectId }, { after, first }, context) =>
        readHistoryPage(context, projectId, id, parsePageSize(first), after || null),
    }),
  );
}

async function readHistoryPage(
  { historyOf }: Pick<SchemaContext, 'historyOf'>,
  projectId: string,
  jobId: string,
  limit: number,
  after: string | null,
): Promise<EventConnection> {
  const position = after === null ? null : decodeCursor(after);
  const { events, hasMore } = await historyOf({ projectId, jobId, after: position, limit });
  const [first] = events;
  const last = events.at(-1);
  return {
    edges: events,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: after !== null,
      startCursor: first === undefined ? null : encodeCursor(first),
      endCursor: last === undefined ? null : encodeCursor(last),
    },
  };
}
