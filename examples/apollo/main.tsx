/**
 * A project's jobs with live bars, with Apollo Client 4: the query fills the normalised cache, and each event carries its job's
 * new state, so every component that shows the job renders again. `?project=NAME` chooses the project.
 */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, makeVar } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider, useQuery, useReactiveVar, useSubscription } from '@apollo/client/react';
import { OperationTypeNode } from 'graphql';
import { apolloJobCache, createResumingClient, JobOrder, type LiveState } from 'playhead/client';
import { createRoot } from 'react-dom/client';
import { map } from 'rxjs';
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

const liveState = makeVar<LiveState>({ name: 'connecting' });

/** Decides between an event and an older response. */
const order = new JobOrder();

const live = createResumingClient({
  url: `${location.origin.replace('http', 'ws')}/graphql`,
  onState: liveState,
  onAnew: () => order.beginAnew(),
  // Jobs that ended before the stream began are not in it.
  onSnapshot: () =>
    void client.refetchQueries({ include: 'active' }).then(
      () => client.cache.gc(),
      () => {},
    ),
});

const ordering = new ApolloLink((operation, forward) => {
  const asked = operation.operationType === OperationTypeNode.SUBSCRIPTION ? undefined : order.moment;
  return forward(operation).pipe(
    map((result) => ({ ...result, data: order.take(result.data ?? null, asked) })),
  );
});

const client = new ApolloClient({
  cache: new InMemoryCache(apolloJobCache(order)),
  link: ordering.concat(
    ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(live),
      new HttpLink({ uri: '/graphql' }),
    ),
  ),
});

function Jobs({ projectId }: { readonly projectId: string }) {
  const { data, error } = useQuery(JOBS, { variables: { projectId } });
  useSubscription(EVENTS, { variables: { projectId }, ignoreResults: true });
  return (
    <main>
      <h1>{projectId}</h1>
      <output>{useReactiveVar(liveState).name}</output>
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
  <ApolloProvider client={client}>
    <Jobs projectId={new URLSearchParams(location.search).get('project') ?? 'demo'} />
  </ApolloProvider>,
);
