/**
 * A project's jobs (`?project=NAME`) with live bars, with urql 5: the query gives the list, the subscription the changes.
 */

import type { FormattedExecutionResult } from 'graphql';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import {
  cacheExchange,
  createClient,
  fetchExchange,
  Provider,
  subscriptionExchange,
  useQuery,
  useSubscription,
} from 'urql';
import { createResumingClient, type LiveState } from '../../client/resuming-client.ts';
import type { JobEventsSubscription, JobsQuery } from './generated/graphql.ts';
import { graphql } from './generated/index.ts';

const JOBS = graphql(/* GraphQL */ `
  query Jobs($projectId: ID!) {
    jobs(projectId: $projectId, first: 50) {
      edges {
        node {
          id
          taskName
          status
          progress
          message
          attempt
        }
      }
    }
  }
`);

const EVENTS = graphql(/* GraphQL */ `
  subscription JobEvents($projectId: ID!, $after: ID) {
    jobEvents(projectId: $projectId, after: $after) {
      __typename
      ... on Event {
        id
        jobId
        attempt
        timestamp
      }
      ... on ProgressEvent {
        progress
        status
        message
      }
      ... on ErrorEvent {
        error
        code
        willRetry
      }
    }
  }
`);

/** Where the component hangs itself in. */
const hooks = { state: (_: LiveState): void => {}, snapshot: (): void => {} };

const live = createResumingClient({
  url: `${location.origin.replace('http', 'ws')}/graphql`,
  onState: (state) => hooks.state(state),
  onSnapshot: () => hooks.snapshot(),
});

const client = createClient({
  url: '/graphql',
  preferGetMethod: false,
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables = {} }) => ({
        subscribe: (sink) => {
          const next = ({ data, errors }: FormattedExecutionResult): void =>
            sink.next({ data: data ?? null, ...(errors && { errors }) });
          return { unsubscribe: live.subscribe({ query, variables: { ...variables } }, { ...sink, next }) };
        },
      }),
    }),
  ],
});

type Job = JobsQuery['jobs']['edges'][number]['node'];
type JobEvent = JobEventsSubscription['jobEvents'];

/** The job after an event; one of an earlier attempt, or behind the ending, changes nothing. */
function applied(job: Job, event: JobEvent | undefined): Job {
  const ended = ['COMPLETED', 'FAILED', 'CANCELLED'].includes(job.status);
  const first = ended ? job.attempt + 1 : job.attempt;
  if (event === undefined || event.attempt < first) return job;
  const { attempt } = event;
  const last = event.__typename === 'ErrorEvent' && event.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
  switch (event.__typename) {
    case 'ProgressEvent':
      return { ...job, ...event, id: job.id, status: event.status === 'queued' ? 'QUEUED' : 'RUNNING' };
    case 'ErrorEvent':
      return { ...job, attempt, message: event.error, status: event.willRetry ? 'RETRYING' : last };
    case 'CompletionEvent':
      return { ...job, attempt, progress: 1, message: 'Done', status: 'COMPLETED' };
  }
}

function Jobs({ projectId }: { readonly projectId: string }) {
  const variables = { projectId };
  const [{ data, error }, reload] = useQuery({ query: JOBS, variables });
  const [{ data: latest }] = useSubscription(
    { query: EVENTS, variables },
    (known: ReadonlyMap<string, JobEvent> = new Map(), { jobEvents }) =>
      new Map([...known, [jobEvents.jobId, jobEvents]]),
  );
  const [{ name }, setState] = useState<LiveState>({ name: 'connecting' });
  const jobs = data?.jobs.edges.map(({ node }) => applied(node, latest?.get(node.id))) ?? [];
  // A job that is not listed is a new one. Each is asked for once: the items of a batch are never listed.
  const listed = jobs[0]?.id ?? '';
  const newest = [...(latest?.keys() ?? []), listed].sort().at(-1) ?? '';
  useEffect(() => {
    hooks.state = setState;
    hooks.snapshot = () => reload({ requestPolicy: 'network-only' });
  }, [reload]);
  useEffect(() => {
    if (newest > listed) reload({ requestPolicy: 'network-only' });
  }, [newest, listed, reload]);
  return (
    <main>
      <h1>{projectId}</h1>
      <output>{name}</output>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {jobs.map((job) => (
          <li key={job.id}>
            <progress aria-label={job.taskName} value={job.progress} /> {Math.floor(job.progress * 100)}%{' '}
            <b>{job.status}</b> {job.message}
          </li>
        ))}
      </ul>
    </main>
  );
}

createRoot(document.getElementById('root') ?? document.body).render(
  <Provider value={client}>
    <Jobs projectId={new URLSearchParams(location.search).get('project') ?? 'demo'} />
  </Provider>,
);
