/**
 * A project's jobs with live bars, with the hooks of playhead/react. `?project=NAME` chooses the project.
 */
import { createClient } from 'playhead/client';
import { JobProgress, PlayheadProvider, useConnection, useJobs } from 'playhead/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const projectId = new URLSearchParams(location.search).get('project') ?? 'demo';
const client = createClient({ url: '/', projectId });

function Jobs() {
  const { data: jobs, error } = useJobs();
  return (
    <main>
      <h1>{projectId}</h1>
      <output>{useConnection().name}</output>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {jobs?.map((job) => (
          <li key={job.id}>
            <JobProgress job={job}>
              {({ message, progress, status }) => (
                <>
                  {Math.floor(progress * 100)}% <b>{status}</b> {message}
                </>
              )}
            </JobProgress>
          </li>
        ))}
      </ul>
    </main>
  );
}

createRoot(document.getElementById('root') ?? document.body).render(
  <StrictMode>
    <PlayheadProvider client={client}>
      <Jobs />
    </PlayheadProvider>
  </StrictMode>,
);
