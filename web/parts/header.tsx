/** The header of every page. */
import { useProject } from '../state/project-context.ts';
import { listPath, statisticsPath } from '../state/route.ts';
import { shortcutsShown } from '../state/shortcuts.ts';
import { useText } from '../text/use-text.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { Glyph, Logo } from './icons.tsx';
import { Link } from './link.tsx';
import { Menu } from './menu.tsx';
import { openNewJob } from './new-job-state.ts';
import { LanguageButton, ThemeButton } from './preferences.tsx';
import { ProjectSwitch } from './project-switch.tsx';
import { useWriteButton } from './read-only.tsx';
import { WebhooksLink } from './webhooks-link.tsx';

export function Header() {
  const text = useText();
  const project = useProject();
  return (
    <header className="header">
      <Link aria-label={text('app.home')} className="brand" href={listPath(project.id)}>
        <Logo />
        <span className="brand-name">Playhead</span>
      </Link>
      <ProjectSwitch />
      <ConnectionPill />
      <div className="header-tools">
        <Link
          aria-label={text('statistics.title')}
          className="button quiet"
          href={statisticsPath(project.id)}
          title={text('statistics.title')}
        >
          <Glyph name="chart" />
        </Link>
        <span className="wide-only">
          <WebhooksLink />
          <button
            aria-label={text('keys.title')}
            className="button quiet"
            onClick={() => shortcutsShown.set(true)}
            title={text('keys.title')}
            type="button"
          >
            ?
          </button>
          <LanguageButton />
          <ThemeButton />
        </span>
        <Menu />
        <NewJobButton />
      </div>
    </header>
  );
}

function NewJobButton() {
  const text = useText();
  return (
    <button
      aria-label={text('app.new')}
      className="button primary"
      onClick={() => openNewJob()}
      type="button"
      {...useWriteButton()}
    >
      <Glyph name="add" />
      <span>{text('app.new')}</span>
    </button>
  );
}
