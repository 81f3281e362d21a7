'use client';
/** A job as it progresses: first as the server has read it, then updated by its events. */
import { createClient, type Job } from 'playhead/client';
import { PlayheadProvider, useConnection, useJob } from 'playhead/react';
import { useState } from 'react';

interface LiveJobProps {
  readonly job: Job;
  readonly projectId: string;
  readonly url: string;
}

export function LiveJob({ job, projectId, url }: LiveJobProps) {
  const [client] = useState(() => createClient({ url, projectId, token: tokenOf(job.id) }));
  return (
    <PlayheadProvider client={client}>
      <Progress first={job} />
    </PlayheadProvider>
  );
}

/** Uses one token for all connections and requests, and gets another when it is refused. */
function tokenOf(jobId: string): (refused: boolean) => Promise<string> {
  let token: Promise<string> | null = null;
  return (refused) => {
    if (refused) token = null;
    token ??= fetch(`/token?job=${jobId}`, { method: 'POST' })
      .then((response) => response.json() as Promise<{ readonly token: string }>)
      .then((answer) => answer.token);
    token.catch(() => {
      token = null;
    });
    return token;
  };
}

function Progress({ first }: { readonly first: Job }) {
  const { data, error } = useJob(first.id);
  const job = data ?? first;
  return (
    <>
      <h1>{job.title ?? job.taskName}</h1>
      <output>{useConnection().name}</output>
      {error && <p role="alert">{error.message}</p>}
      <progress aria-label={job.taskName} value={job.progress} />
      <p role="status">
        {job.progressPercent}% <b>{job.status}</b> {job.message}
      </p>
    </>
  );
}
