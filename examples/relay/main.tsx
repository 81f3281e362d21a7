/**
 * A project's jobs with live bars, with Relay: the query fills the normalised store, and each event carries its job's new
 * state, so every component that shows the job renders again. `?project=NAME` chooses the project.
 *
 * `npm run relay` recompiles the operations, `npm run dev` shows the page next to a server on this machine.
 */
import { createClient, JobOrder } from 'playhead/client';
import { StrictMode, Suspense, useMemo, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { graphql, RelayEnvironmentProvider, useLazyLoadQuery, useSubscription } from 'react-relay';
import {
  ConnectionHandler,
  commitLocalUpdate,
  Environment,
  fetchQuery,
  type GraphQLResponse,
  Network,
  Observable,
  RecordSource,
  type RecordSourceProxy,
  Store,
} from 'relay-runtime';
import type { mainJobEventsSubscription } from './__generated__/mainJobEventsSubscription.graphql.ts';
import type { mainJobsQuery } from './__generated__/mainJobsQuery.graphql.ts';

const JOBS = graphql`
  query mainJobsQuery($projectId: ID!) {
    jobs(projectId: $projectId, first: 50) @connection(key: "main_jobs", filters: []) {
      edges {
        node {
          id
          version
          taskName
          status
          progress
          message
        }
      }
    }
  }
`;

const EVENTS = graphql`
  subscription mainJobEventsSubscription($projectId: ID!) {
    jobEvents(projectId: $projectId) {
      ... on Event {
        job {
          id
          version
          taskName
          status
          progress
          message
        }
      }
    }
  }
`;

const projectId = new URLSearchParams(location.search).get('project') ?? 'demo';
const client = createClient({ url: '/', projectId });
/** Decides between an event and an older response. */
const order = new JobOrder();

const store = new Store(new RecordSource());
const environment = new Environment({
  store,
  network: Network.create(
    ({ text }, variables) =>
      Observable.create((sink) => {
        const asked = order.moment;
        client.request(text ?? '', variables).then(
          (data) => {
            sink.next({ data: order.take(data, asked) } as GraphQLResponse);
            sink.complete();
            // The response may be older than a job that an event has announced.
            commitLocalUpdate(environment, takeIn);
          },
          (error: Error) => sink.error(error),
        );
      }),
    ({ text }, variables) =>
      Observable.create((sink) =>
        client.subscribe(text ?? '', variables, {
          next: ({ data }) => sink.next({ data: order.take(data) } as GraphQLResponse),
          error: (error) => sink.error(error as Error),
          complete: () => sink.complete(),
          anew: () => {
            order.beginAnew();
            // Jobs that ended before the stream began are not in it.
            fetchQuery<mainJobsQuery>(environment, JOBS, { projectId }).subscribe({});
          },
        }),
      ),
  ),
});

/** Adds jobs missing from the list at its top: newest first, without the items of batches. */
function takeIn(records: RecordSourceProxy): void {
  const list = ConnectionHandler.getConnection(records.getRoot(), 'main_jobs');
  if (list == null) return;
  const listed = new Set(
    list.getLinkedRecords('edges')?.map((edge) => edge.getLinkedRecord('node')?.getDataID()),
  );
  for (const { id } of order.newJobs) {
    const job = records.get(id);
    if (job == null || listed.has(id) || id.length > 36) continue;
    ConnectionHandler.insertEdgeBefore(list, ConnectionHandler.createEdge(records, list, job, 'JobEdge'));
  }
  // Relay keeps every event until its next collection, which nothing else would cause here.
  store.scheduleGC();
}

function Jobs() {
  const { jobs } = useLazyLoadQuery<mainJobsQuery>(JOBS, { projectId });
  return (
    <ul>
      {jobs.edges.map(({ node: job }) => (
        <li key={job.id}>
          <progress aria-label={job.taskName} value={job.progress} /> {Math.floor(job.progress * 100)}%{' '}
          <b>{job.status}</b> {job.message}
        </li>
      ))}
    </ul>
  );
}

function Page() {
  const events = useMemo(() => ({ subscription: EVENTS, variables: { projectId }, updater: takeIn }), []);
  useSubscription<mainJobEventsSubscription>(events);
  const connection = useSyncExternalStore(
    (listener) => client.onConnection(listener),
    () => client.connection.name,
  );
  return (
    <main>
      <h1>{projectId}</h1>
      <output>{connection}</output>
      <Suspense>
        <Jobs />
      </Suspense>
    </main>
  );
}

createRoot(document.getElementById('root') ?? document.body).render(
  <StrictMode>
    <RelayEnvironmentProvider environment={environment}>
      <Page />
    </RelayEnvironmentProvider>
  </StrictMode>,
);
