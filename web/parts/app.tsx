/** The page: the sign-in where it is needed, otherwise a header and a project's list, its statistics or one job. */
import { useEffect, useState } from 'react';
import { Project } from '../state/project.ts';
import { ProjectProvider, useProject } from '../state/project-context.ts';
import { listPath, localPath, navigate, type Route, route } from '../state/route.ts';
import { type Grant, mayOpen, session, useGrant } from '../state/session.ts';
import { noteProject } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { loadWorkflows } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { Announcer } from './announcer.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { ForeignProject } from './foreign-project.tsx';
import { Header } from './header.tsx';
import { JobPage } from './job-page.tsx';
import { JobsPage } from './jobs-page.tsx';
import { NewJob } from './new-job.tsx';
import { SignInDialog, SignInPage } from './sign-in.tsx';
import { StatisticsPage } from './statistics-page.tsx';

export function App() {
  const now = useValue(session);
  if (now.name === 'asking') return null;
  if (now.name === 'out' && now.below === null) return <SignInPage />;
  return (
    <>
      <Dashboard />
      {now.name === 'out' && <SignInDialog />}
    </>
  );
}

function Dashboard() {
  const { projectId, jobId, filter, statistics } = useGrantedRoute();
  const grant = useGrant();
  const allowed = mayOpen(grant, projectId);
  useEffect(() => {
    if (!isNamed()) navigate(listPath(projectId), { replace: true });
    if (allowed) noteProject(projectId);
  }, [projectId, allowed]);
  const project = useOpenProject(allowed ? projectId : null);
  const text = useText();
  if (!allowed) return <ForeignProject grant={grant} id={projectId} />;
  if (project === null) return null;
  return (
    <ProjectProvider value={project}>
      <WorkflowLoader />
      <a className="skip" href="#main">
        {text('app.skip')}
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={`${projectId} ${jobId} ${statistics}`}>
          {jobId !== null && <JobPage id={jobId} key={jobId} />}
          {jobId === null && statistics && <StatisticsPage />}
          {jobId === null && !statistics && <JobsPage filter={filter} />}
        </ErrorBoundary>
      </main>
      <ErrorBoundary>
        <NewJob />
      </ErrorBoundary>
      <Announcer />
    </ProjectProvider>
  );
}

/** Asks which workflows there are, and again when the connection is back: it may be another server by then. */
function WorkflowLoader() {
  const { connection } = useProject();
  const { name } = useValue(connection);
  const isLost = name === 'reconnecting';
  useEffect(() => {
    if (!isLost) void loadWorkflows();
  }, [isLost]);
  return null;
}

/** Where no project is named, one that may be opened. */
function useGrantedRoute(): Route {
  const now = useValue(route);
  const grant = useGrant();
  return isNamed() || mayOpen(grant, now.projectId) ? now : { ...now, projectId: firstOf(grant, now) };
}

function firstOf({ projects }: Grant, { projectId }: Route): string {
  return projects?.[0] ?? projectId;
}

function isNamed(): boolean {
  return localPath().startsWith('/p/');
}

/** The project's jobs and stream, as long as it is the one that is shown; null: none is. */
function useOpenProject(id: string | null): Project | null {
  const [project, setProject] = useState<Project | null>(null);
  useEffect(() => {
    if (id === null) return;
    const opened = new Project(id);
    setProject(opened);
    return () => {
      opened.close();
      setProject(null);
    };
  }, [id]);
  return project?.id === id ? project : null;
}
