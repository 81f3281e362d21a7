/** The page: a header, and either a project's list or one job. */
import { useEffect, useState } from 'react';
import { Project } from '../state/project.ts';
import { ProjectProvider } from '../state/project-context.ts';
import { listPath, navigate, route } from '../state/route.ts';
import { noteProject } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { Announcer } from './announcer.tsx';
import { Header } from './header.tsx';
import { JobPage } from './job-page.tsx';
import { JobsPage } from './jobs-page.tsx';
import { NewJob } from './new-job.tsx';

export function App() {
  const { projectId, jobId, filter } = useValue(route);
  const project = useOpenProject(projectId);
  const text = useText();
  useEffect(() => {
    if (!location.pathname.startsWith('/p/')) navigate(listPath(projectId), { replace: true });
    noteProject(projectId);
  }, [projectId]);
  if (project === null) return null;
  return (
    <ProjectProvider value={project}>
      <a className="skip" href="#main">
        {text('app.skip')}
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {jobId === null ? <JobsPage filter={filter} /> : <JobPage id={jobId} key={jobId} />}
      </main>
      <NewJob />
      <Announcer />
    </ProjectProvider>
  );
}

/** The project's jobs and stream, as long as it is the one that is shown. */
function useOpenProject(id: string): Project | null {
  const [project, setProject] = useState<Project | null>(null);
  useEffect(() => {
    const opened = new Project(id);
    setProject(opened);
    return () => opened.close();
  }, [id]);
  return project?.id === id ? project : null;
}
