const JOB_ID = '{\n  "id": "the id of a job"\n}';

/** The tabs that GraphiQL opens with: start a video, watch it, query the snapshot, list, cancel, retry. */
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
        ... on AudioResult {
          audio {
            url
          }
          transcript
          similarity
        }
        ... on ScriptResult {
          title
          text
        }
        ... on LipsyncResult {
          video {
            url
          }
        }
        ... on BatchResult {
          total
          succeeded
          failed
          cancelled
        }
      }
    }
  }
}
`,
  },
  {
    query: `# One job as it stands. To go on from here without a gap: jobEvents(after: lastEventId).
query Snapshot($id: ID!) {
  job(projectId: "demo", id: $id) {
    status
    progressPercent
    step
    message
    attempt
    maxAttempts
    eta {
      remainingSeconds
    }
    error {
      code
      message
    }
    result {
      __typename
    }
    lastEventId
  }
}
`,
    variables: JOB_ID,
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
    query: `# Cancel a job that has not ended.
mutation Cancel($id: ID!) {
  cancelJob(projectId: "demo", id: $id) {
    id
    status
  }
}
`,
    variables: JOB_ID,
  },
  {
    query: `# Retry a job that failed or was cancelled, from its last finished step.
mutation Retry($id: ID!) {
  retryJob(projectId: "demo", id: $id) {
    id
    status
    attempt
  }
}
`,
    variables: JOB_ID,
  },
];
