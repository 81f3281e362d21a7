/** What stands above every page. */

import { useProject } from '../state/project-context.ts';
import { listPath } from '../state/route.ts';
import { language, nextTheme, setLanguage, setTheme, theme } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { Glyph, Logo } from './icons.tsx';
import { Link } from './link.tsx';
import { openNewJob } from './new-job-state.ts';
import { ProjectSwitch } from './project-switch.tsx';

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
        <LanguageButton />
        <ThemeButton />
        <button
          aria-label={text('app.new')}
          className="button primary"
          onClick={() => openNewJob()}
          type="button"
        >
          <Glyph name="add" />
          <span>{text('app.new')}</span>
        </button>
      </div>
    </header>
  );
}

function LanguageButton() {
  const text = useText();
  const other = useValue(language) === 'en' ? 'ko' : 'en';
  return (
    <button
      className="button quiet"
      lang={other}
      onClick={() => setLanguage(other)}
      title={text('app.language')}
      type="button"
    >
      <span aria-hidden="true">{other === 'ko' ? 'KO' : 'EN'}</span>
      <span className="sr-only">{text('app.language')}</span>
    </button>
  );
}

function ThemeButton() {
  const text = useText();
  const current = useValue(theme);
  const label = text('app.theme', { theme: text(`theme.${current}`) });
  return (
    <button
      aria-label={label}
      className="button quiet"
      onClick={() => setTheme(nextTheme(current))}
      title={label}
      type="button"
    >
      <Glyph name={`theme-${current}`} />
    </button>
  );
}
