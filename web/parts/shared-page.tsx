/** The page of a share link: one live job, and nothing that leads elsewhere. */
import { useEffect } from 'react';
import { useProject } from '../state/project-context.ts';
import { type Grant, session } from '../state/session.ts';
import { sharedToken } from '../state/share.ts';
import { useValue } from '../state/value.ts';
import { formatMoment } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Announcer } from './announcer.tsx';
import { ConnectionPill } from './connection-pill.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { Logo } from './icons.tsx';
import { JobContent } from './job-page.tsx';
import { Menu } from './menu.tsx';
import { Moment } from './moment.tsx';
import { OpenProject } from './open-project.tsx';
import { LanguageButton, ThemeButton } from './preferences.tsx';

export function SharedPage({ grant, jobId }: { readonly grant: Grant; readonly jobId: string }) {
  const [projectId = ''] = grant.projects ?? [];
  return (
    <OpenProject id={projectId} only={jobId}>
      <SharedHeader until={grant.expiresAt} />
      <main className="job-page" id="main">
        <ErrorBoundary>
          <JobContent id={jobId} />
        </ErrorBoundary>
      </main>
      <ComesBack jobId={jobId} />
      <Announcer />
    </OpenProject>
  );
}

function SharedHeader({ until }: { readonly until: string | null }) {
  const text = useText();
  return (
    <header className="header">
      <span className="brand">
        <Logo />
        <span className="brand-name wide-only">Playhead</span>
      </span>
      <ConnectionPill />
      <div className="header-tools">
        {until !== null && (
          <span className="muted small wide-only">
            <span>
              {text('share.until')} <Moment iso={until} />
            </span>
          </span>
        )}
        <LanguageButton />
        <ThemeButton />
        {/* Somebody who signed in with such a token needs to be able to sign out. */}
        {sharedToken === null && <Menu />}
      </div>
    </header>
  );
}

/** The stream of a job ends with its run. On return to the page, this checks whether the job has been retried since. */
function ComesBack({ jobId }: { readonly jobId: string }) {
  const project = useProject();
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') void project.loadJob(jobId).catch(() => {});
    };
    const moments = ['visibilitychange', 'focus'];
    for (const name of moments) addEventListener(name, look);
    return () => {
      for (const name of moments) removeEventListener(name, look);
    };
  }, [project, jobId]);
  return null;
}

/** The page of a link that is no longer valid. */
export function SharedOver() {
  const text = useText();
  const now = useValue(session);
  const endedAt = now.name === 'out' ? now.endedAt : null;
  useEffect(() => {
    document.title = `${text('share.over')} · Playhead`;
  }, [text]);
  return (
    <main className="nothing" id="main">
      <Logo />
      <h1>{text('share.over')}</h1>
      <p>
        {endedAt === null
          ? text('share.overHint')
          : text('share.overSince', {
              time: formatMoment(new Date(endedAt).toISOString(), text.language, Date.now()),
            })}
      </p>
      <div className="row">
        <LanguageButton />
        <ThemeButton />
      </div>
    </main>
  );
}
