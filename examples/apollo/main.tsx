/**
 * A project's jobs with live bars, with Apollo Client 4: the query fills the normalised cache, and each event updates its
 * `Job` there, so every component that shows the job renders again. `?project=NAME` chooses the project.
 */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, makeVar } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { ApolloProvider, useQuery, useReactiveVar, useSubscription } from '@apollo/client/react';
import { OperationTypeNode } from 'graphql';
import { createRoot } from 'react-dom/client';
import { createResumingClient, type LiveState } from '../../client/resuming-client.ts';
import type { JobEventsSubscription, JobStateFragment } from './generated/graphql.ts';
import { graphql } from './generated/index.ts';

const JOB_STATE = graphql(/* GraphQL */ `
  fragment JobState on Job {
    id
    taskName
    status
    progress
    message
    attempt
  }
`);

const JOBS = graphql(/* GraphQL */ `
  query Jobs($projectId: ID!) {
    jobs(projectId: $projectId, first: 50) {
      edges {
        node {
          ...JobState
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

const liveState = makeVar<LiveState>({ name: 'connecting' });

const live = createResumingClient({
  url: `${location.origin.replace('http', 'ws')}/graphql`,
  onState: liveState,
  onSnapshot: () => reload(),
});

const client = new ApolloClient({
  cache: new InMemoryCache({ possibleTypes: { Event: ['ProgressEvent', 'ErrorEvent', 'CompletionEvent'] } }),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(live),
    new HttpLink({ uri: '/graphql' }),
  ),
});

/** Events that came while an answer was awaited, which may be older than they are. */
let recent: JobEvent[] = [];
let awaited = 0;

/** Asks for the list again; jobs that it no longer has leave the cache. */
function reload(): void {
  awaited += 1;
  client
    .refetchQueries({ include: [JOBS] })
    .then(
      () => client.cache.gc(),
      () => {
        // useQuery says why it failed.
      },
    )
    .finally(() => {
      awaited -= 1;
      const events = recent;
      recent = [];
      for (const event of events) apply(event);
    });
}

type JobEvent = JobEventsSubscription['jobEvents'];

/** What an event says about its job. */
function changes(event: JobEvent): Partial<JobStateFragment> {
  const { attempt } = event;
  switch (event.__typename) {
    case 'ProgressEvent': {
      const { progress, message } = event;
      return { attempt, progress, message, status: event.status === 'queued' ? 'QUEUED' : 'RUNNING' };
    }
    case 'ErrorEvent': {
      const ended = event.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
      return { attempt, message: event.error, status: event.willRetry ? 'RETRYING' : ended };
    }
    case 'CompletionEvent':
      return { attempt, progress: 1, message: 'Done', status: 'COMPLETED' };
  }
}

function apply(event: JobEvent): void {
  const reference = { id: `Job:${event.jobId}`, fragment: JOB_STATE };
  const job = client.cache.readFragment(reference);
  if (job === null) {
    // A job that is not listed: a new one begins as queued.
    if (event.__typename === 'ProgressEvent' && event.status === 'queued') {
      reload();
    }
  } else if (event.attempt >= job.attempt) {
    client.cache.writeFragment({ ...reference, data: { ...job, ...changes(event) } });
  }
}

function receive(event: JobEvent): void {
  if (awaited > 0) recent.push(event);
  apply(event);
}

function Jobs({ projectId }: { readonly projectId: string }) {
  const { data, error } = useQuery(JOBS, { variables: { projectId } });
  useSubscription(EVENTS, {
    variables: { projectId },
    // An event is applied to its job once; the cache would keep each one for good.
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: result }) => result.data !== undefined && receive(result.data.jobEvents),
  });
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
