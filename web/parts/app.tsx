/** The page: the sign-in if it is needed, otherwise a header and a project's list, one job, its statistics or its webhooks. */
import { useEffect } from 'react';
import { listPath, localPath, navigate, type Route, route } from '../state/route.ts';
import { type Grant, mayOpen, session, useGrant } from '../state/session.ts';
import { noteProject } from '../state/settings.ts';
import { sharedToken } from '../state/share.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { Announcer } from './announcer.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { ForeignProject } from './foreign-project.tsx';
import { Header } from './header.tsx';
import { JobPage } from './job-page.tsx';
import { JobsPage } from './jobs-page.tsx';
import { NewJob } from './new-job.tsx';
import { OpenProject } from './open-project.tsx';
import { SharedOver, SharedPage } from './shared-page.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SignInDialog, SignInPage } from './sign-in.tsx';
import { StatisticsPage } from './statistics-page.tsx';
import { WebhooksPage } from './webhooks-page.tsx';
import { WrongProject } from './wrong-project.tsx';

export function App() {
  const now = useValue(session);
  const grant = useGrant();
  if (now.name === 'asking') return null;
  if (now.name === 'out' && sharedToken !== null) return <SharedOver />;
  if (now.name === 'out' && now.below === null) return <SignInPage />;
  return (
    <>
      {grant.jobId === null ? <Dashboard /> : <SharedPage grant={grant} jobId={grant.jobId} />}
      {now.name === 'out' && <SignInDialog />}
    </>
  );
}

function Dashboard() {
  const { projectId, page, jobId, filter, table, wrongProject } = useGrantedRoute();
  const grant = useGrant();
  const allowed = mayOpen(grant, projectId) && wrongProject === null;
  useEffect(() => {
    if (!isNamed()) navigate(listPath(projectId), { replace: true });
    if (allowed) noteProject(projectId);
  }, [projectId, allowed]);
  const text = useText();
  if (wrongProject !== null) return <WrongProject instead={projectId} name={wrongProject} />;
  if (!allowed) return <ForeignProject grant={grant} id={projectId} />;
  return (
    <OpenProject id={projectId}>
      <a className="skip" href="#main">
        {text('app.skip')}
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary key={`${projectId} ${page} ${jobId}`}>
          {jobId !== null && <JobPage id={jobId} key={jobId} />}
          {page === 'statistics' && <StatisticsPage />}
          {page === 'webhooks' && <WebhooksPage />}
          {page === 'list' && <JobsPage filter={filter} table={table} />}
        </ErrorBoundary>
      </main>
      <ErrorBoundary>
        <NewJob />
        <Shortcuts />
      </ErrorBoundary>
      <Announcer />
    </OpenProject>
  );
}

/** If the address names no project, one that may be opened. */
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
