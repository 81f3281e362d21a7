/** The tabs that GraphiQL opens with: start a video, watch it, query the snapshot, cancel. */
export const GRAPHIQL_TABS: { query: string; variables?: string }[] = [
  {
    query: `# Start a video. Run it, then go to the next tab to watch.
mutation StartVideo {
  generateVideo(
    input: {
      projectId: "demo"
      title: "Hello"
      script: """
      ## A short scene
      MIRA: Hello! I am rendered while you watch.
      THEO: And every step of it is streamed to you.
      """
    }
  ) {
    id
    status
  }
}
`,
  },
  {
    query: `# Watch every job of the project, live. Stop with the same button.
subscription Watch {
  jobEvents(projectId: "demo") {
    __typename
    ... on Event {
      id
      jobId
      attempt
      timestamp
    }
    ... on ProgressEvent {
      progressPercent
      step
      message
      metadata
    }
    ... on ErrorEvent {
      error
      code
      willRetry
    }
    ... on CompletionEvent {
      result {
        __typename
        ... on VideoResult {
          video {
            url
          }
          totalDuration
        }
      }
    }
  }
}
`,
  },
  {
    query: `# The newest jobs with their steps.
query Jobs {
  jobs(projectId: "demo", first: 5) {
    edges {
      node {
        id
        status
        progressPercent
        step
        steps {
          name
          status
          from
          to
        }
        lastEventId
      }
    }
  }
}
`,
  },
  {
    query: `# Cancel a job, or retry one that failed or was cancelled.
mutation Cancel($id: ID!) {
  cancelJob(projectId: "demo", id: $id) {
    id
    status
  }
}
`,
    variables: '{\n  "id": "the id of a job"\n}',
  },
];
