/** Shows the project and opens another one: by name, or one viewed before. */
import { type FormEvent, useRef, useState } from 'react';
import { useProject } from '../state/project-context.ts';
import { listPath, navigate } from '../state/route.ts';
import { useGrant } from '../state/session.ts';
import { isProjectId, recentProjects } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { Link } from './link.tsx';

export function ProjectSwitch() {
  const text = useText();
  const project = useProject();
  return (
    <div className="project-switch">
      <button
        aria-label={text('project.switch', { project: project.id })}
        className="button project-button"
        popoverTarget="projects"
        type="button"
      >
        <span className="project-name">{project.id}</span>
        <Glyph name="chevron" />
      </button>
      <ProjectMenu />
    </div>
  );
}

function ProjectMenu() {
  const text = useText();
  const project = useProject();
  const menu = useRef<HTMLDivElement>(null);
  const { recent, listed } = useProjects();
  return (
    <div className="popover" id="projects" popover="auto" ref={menu}>
      {!listed && <ProjectForm onOpen={() => menu.current?.hidePopover()} />}
      <h2 className="small-title">{text(listed ? 'session.projects' : 'project.recent')}</h2>
      <ul className="plain project-list">
        {recent.map((id) => (
          <li key={id}>
            <Link
              aria-current={id === project.id ? 'page' : undefined}
              href={listPath(id)}
              onClickCapture={() => menu.current?.hidePopover()}
            >
              {id}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The projects that the token names, if any; otherwise those viewed last. */
function useProjects(): { readonly recent: readonly string[]; readonly listed: boolean } {
  const { projects } = useGrant();
  const recent = useValue(recentProjects);
  return projects === null ? { recent, listed: false } : { recent: projects, listed: true };
}

function ProjectForm({ onOpen }: { readonly onOpen: () => void }) {
  const text = useText();
  const [name, setName] = useState('');
  const [refused, setRefused] = useState('');
  const wrong = name !== '' && !isProjectId(name);
  const open = (event: FormEvent): void => {
    event.preventDefault();
    if (!isProjectId(name)) {
      setRefused(name);
      return;
    }
    onOpen();
    setName('');
    navigate(listPath(name));
  };
  return (
    <form className="project-form" onSubmit={open}>
      <label className="small-title" htmlFor="project-name">
        {text('project.name')}
      </label>
      <div className="row">
        <input
          aria-describedby={refused === '' ? 'project-hint' : 'project-hint project-wrong'}
          aria-invalid={wrong}
          autoCapitalize="none"
          autoComplete="off"
          id="project-name"
          onChange={(event) => {
            setName(event.target.value);
            setRefused('');
          }}
          spellCheck={false}
          value={name}
        />
        <button className="button" disabled={name === ''} type="submit">
          {text('project.open')}
        </button>
      </div>
      {refused !== '' && (
        <p className="field-error" id="project-wrong" role="alert">
          {text('project.wrong', { name: refused })}
        </p>
      )}
      <p className={wrong ? 'field-error' : 'hint'} id="project-hint">
        {text('project.invalid')}
      </p>
    </form>
  );
}
