/**
 * A project's jobs (`?project=NAME`) with live bars, with urql 5 and graphcache: the query fills the normalised cache, and each
 * event carries its job's new state.
 */
import { cacheExchange } from '@urql/exchange-graphcache';
import type { FormattedExecutionResult } from 'graphql';
import { createResumingClient, graphcacheJobs, JobOrder, type LiveState } from 'playhead/client';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import {
  createClient,
  fetchExchange,
  mapExchange,
  Provider,
  subscriptionExchange,
  useQuery,
  useSubscription,
} from 'urql';
import { graphql } from './generated/index.ts';

const JOBS = graphql(/* GraphQL */ `
  query Jobs($projectId: ID!) {
    jobs(projectId: $projectId, first: 50) {
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
`);

const EVENTS = graphql(/* GraphQL */ `
  subscription JobEvents($projectId: ID!, $after: ID) {
    jobEvents(projectId: $projectId, after: $after) {
      ... on Event {
        id
        timestamp
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
`);

/** Callbacks that the component sets. */
const hooks = { state: (_: LiveState): void => {}, snapshot: (): void => {} };

/** Decides between an event and an older response. */
const order = new JobOrder();
/** When each operation was requested. */
const moments = new Map<number, number>();

const live = createResumingClient({
  url: `${location.origin.replace('http', 'ws')}/graphql`,
  onState: (state) => hooks.state(state),
  onAnew: () => order.beginAnew(),
  onSnapshot: () => hooks.snapshot(),
});

const client = createClient({
  url: '/graphql',
  preferGetMethod: false,
  exchanges: [
    cacheExchange(graphcacheJobs(order)),
    mapExchange({
      onOperation: ({ key }) => void moments.set(key, order.moment),
      onResult: ({ data, operation, ...result }) => {
        const asked = operation.kind === 'subscription' ? undefined : moments.get(operation.key);
        return { ...result, operation, data: order.take(data, asked) };
      },
    }),
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

function Jobs({ projectId }: { readonly projectId: string }) {
  const variables = { projectId };
  const [{ data, error }, reload] = useQuery({ query: JOBS, variables });
  useSubscription({ query: EVENTS, variables });
  const [{ name }, setState] = useState<LiveState>({ name: 'connecting' });
  useEffect(() => {
    hooks.state = setState;
    hooks.snapshot = () => reload({ requestPolicy: 'network-only' });
  }, [reload]);
  return (
    <main>
      <h1>{projectId}</h1>
      <output>{name}</output>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {data?.jobs.edges.map(({ node: job }) => (
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
