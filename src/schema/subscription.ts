/** The subscription. */
import { badInput } from '../core/errors.ts';
import { parseProjectId } from '../jobs/project-id.ts';
import { MAX_SNAPSHOT_LIMIT } from '../log/snapshot.ts';
import type { Builder } from './builder.ts';
import { type JobEventRef, toEventSource } from './job-event.ts';
import { PROJECT_ID } from './query.ts';

/** @throws PlayheadError BAD_USER_INPUT */
function parseSnapshotLimit(limit: number | null | undefined): number | undefined {
  if (limit != null && (limit < 1 || limit > MAX_SNAPSHOT_LIMIT)) {
    throw badInput('snapshotLimit', `a whole number from 1 to ${MAX_SNAPSHOT_LIMIT}`, limit);
  }
  return limit ?? undefined;
}

export function addSubscription(builder: Builder, event: JobEventRef): void {
  builder.subscriptionType({
    description: 'What can be followed, over WebSocket (graphql-transport-ws) or SSE.',
    fields: (t) => ({
      jobEvents: t.field({
        type: event,
        description:
          'The events of a project’s jobs, in the order of the log, each once. The start has no gap: events that occur while the subscription begins are included. Errors before the first event: BAD_USER_INPUT, NOT_FOUND (jobId), EVENTS_EXPIRED, UNAVAILABLE. Errors that end the stream: EVENTS_EXPIRED (start over without after), SUBSCRIBER_TOO_SLOW and UNAVAILABLE (go on with after: the last id).',
        args: {
          projectId: t.arg.id({
            required: true,
            description: PROJECT_ID,
          }),
          jobId: t.arg.id({
            description:
              'Only this job; the stream completes after its last event. Null: all present and future jobs of the project, without end.',
          }),
          after: t.arg.id({
            description:
              'Id of an event, or a job’s lastEventId: continue after it, without a gap and without a repeat. EVENTS_EXPIRED when that is no longer possible: the history was trimmed, lost or rolled back.',
          }),
          snapshot: t.arg.boolean({
            defaultValue: true,
            description:
              'Begin with the latest event of every job that has not ended (with jobId: of that job, ended or not), and continue from there without a gap. False: only new events. Ignored with `after`.',
          }),
          snapshotLimit: t.arg.int({
            description: `Maximum number of jobs in the snapshot, 1 to ${MAX_SNAPSHOT_LIMIT}: the newest ones, in the order of their latest events. Page through the rest with jobs(status: [QUEUED, RUNNING, RETRYING], items: true). Null: all of them, however many. Ignored with \`jobId\`, \`after\` and \`snapshot: false\`.`,
          }),
        },
        // Returns the iterator itself: wrapped in an async function*, an idle one would never release the feed.
        subscribe: (_root, { projectId, jobId, after, snapshot, snapshotLimit }, { openEvents }) =>
          openEvents({
            jobId,
            // A client without a cursor yet may send an empty one.
            after: after || undefined,
            projectId: parseProjectId(projectId),
            snapshot: snapshot ?? true,
            snapshotLimit: parseSnapshotLimit(snapshotLimit),
          }),
        resolve: toEventSource,
      }),
    }),
  });
}
