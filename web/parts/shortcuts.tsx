/** The page's keyboard shortcuts, and the list of them that `?` shows. */
import { useEffect, useMemo, useRef } from 'react';
import { useProject } from '../state/project-context.ts';
import { navigate, route, statisticsPath } from '../state/route.ts';
import { setShortcuts, shortcutsOn, shortcutsShown, useShortcuts } from '../state/shortcuts.ts';
import { useValue } from '../state/value.ts';
import type { MessageKey } from '../text/messages.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { openNewJob } from './new-job-state.ts';
import { useWriteButton } from './read-only.tsx';

const KEYS: readonly (readonly [key: string, what: MessageKey])[] = [
  ['n', 'keys.new'],
  ['j', 'keys.next'],
  ['k', 'keys.previous'],
  ['Enter', 'keys.open'],
  ['/', 'keys.search'],
  ['t', 'keys.table'],
  ['l', 'keys.list'],
  ['s', 'keys.statistics'],
  ['?', 'keys.help'],
];

export function Shortcuts() {
  const project = useProject();
  const { disabled } = useWriteButton();
  const keys = useMemo(
    () => ({
      n: () => {
        if (!disabled) openNewJob();
      },
      j: () => moveFocus(1),
      k: () => moveFocus(-1),
      '/': () => document.querySelector<HTMLElement>('.search input')?.focus(),
      t: () => document.querySelector<HTMLElement>('.list-tools .button[aria-pressed]')?.click(),
      l: () => navigate(project.listAddress),
      s: () => navigate(statisticsPath(project.id)),
      '?': () => shortcutsShown.set(true),
    }),
    [project, disabled],
  );
  useShortcuts(keys);
  return <ShortcutList />;
}

/** Moves the focus to the next or previous displayed job. */
function moveFocus(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('.card-link')];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = at === -1 ? links[0] : links[Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
}

function ShortcutList() {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = useValue(shortcutsShown);
  const on = useValue(shortcutsOn);
  const { jobId } = useValue(route);
  useEffect(() => {
    if (shown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [shown]);
  useEffect(() => {
    if (jobId !== null) shortcutsShown.set(false);
  }, [jobId]);
  const hide = (): void => shortcutsShown.set(false);
  return (
    <dialog aria-labelledby="keys-title" className="dialog question keys" onClose={hide} ref={dialog}>
      <div className="row between">
        <h2 id="keys-title">{text('keys.title')}</h2>
        <button aria-label={text('form.close')} className="icon-button" onClick={hide} type="button">
          <Glyph name="close" />
        </button>
      </div>
      <dl className="key-list">
        {KEYS.map(([key, what]) => (
          <div className="row between" key={key}>
            <dt>{text(what)}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input checked={on} onChange={(event) => setShortcuts(event.target.checked)} type="checkbox" />
        <span>{text('keys.on')}</span>
      </label>
    </dialog>
  );
}
