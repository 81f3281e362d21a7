/** Asks for a token: as a page of its own, or over the page that continues once it is given. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { type EndReason, type SignInFault, session, signIn } from '../state/session.ts';
import { useValue } from '../state/value.ts';
import { formatMoment } from '../text/format.ts';
import { type Text, useText } from '../text/use-text.ts';
import { Logo } from './icons.tsx';
import { LanguageButton, ThemeButton } from './preferences.tsx';

const COMMAND = 'npm run playhead -- keys create --project demo --scope write';

export function SignInPage() {
  const text = useText();
  useEffect(() => {
    document.title = `${text('session.title')} · Playhead`;
  }, [text]);
  return (
    <main className="sign-in">
      <SignIn />
    </main>
  );
}

/** The page below must be neither seen nor used; its forms keep their content. */
export function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const show = (): void => {
    if (dialog.current?.open !== false) return;
    dialog.current.showModal();
    dialog.current.querySelector<HTMLElement>('input[type=password]')?.focus();
  };
  useEffect(show, []);
  return (
    <dialog
      aria-labelledby={title}
      className="sign-in over"
      onCancel={(event) => event.preventDefault()}
      // A browser closes a dialog at the second Escape, whatever the page does.
      onClose={show}
      ref={dialog}
    >
      <SignIn titleId={title} />
    </dialog>
  );
}

function SignIn({ titleId }: { readonly titleId?: string }) {
  const text = useText();
  return (
    <>
      <div className="sign-in-tools">
        <LanguageButton />
        <ThemeButton />
      </div>
      <section className="panel sign-in-panel">
        <Logo />
        <h1 id={titleId}>{text('session.title')}</h1>
        <Why />
        <TokenForm />
        <details className="sign-in-help">
          <summary>{text('session.where')}</summary>
          <p>{text('session.whereKey')}</p>
          <pre className="json">{COMMAND}</pre>
          <p>{text('session.whereToken')}</p>
        </details>
      </section>
    </>
  );
}

/** Why a token is requested although there was a valid one before. */
function Why() {
  const text = useText();
  const now = useValue(session);
  if (now.name !== 'out' || now.reason === null) return <p className="muted">{text('session.hint')}</p>;
  const { reason, endedAt, below } = now;
  return (
    <div className="sign-in-why" role="alert">
      <p>{explainEnd(reason, endedAt, text)}</p>
      {below !== null && <p className="muted">{text('session.goesOn')}</p>}
    </div>
  );
}

function explainEnd(reason: EndReason, endedAt: number | null, text: Text): string {
  if (endedAt === null) return text(`session.${reason === 'ended' ? 'refused' : reason}`);
  const time = formatMoment(new Date(endedAt).toISOString(), text.language, Date.now());
  return text('session.ended', { time });
}

function TokenForm() {
  const text = useText();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [onDevice, setOnDevice] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const token = cleanToken(field.current?.value ?? '');
    if (!/^[\x21-\x7e]+$/.test(token)) return setFault(text(token === '' ? 'session.empty' : 'session.form'));
    setBusy(true);
    setFault(null);
    const found = await signIn(token, onDevice);
    setBusy(false);
    if (found === null) return;
    setFault(explainFault(found, text));
    field.current?.focus();
  };
  return (
    <form className="sign-in-form" noValidate onSubmit={(event) => void submit(event)}>
      {/* Password managers store a password under a user name. */}
      <input autoComplete="username" defaultValue="Playhead" hidden name="username" readOnly />
      <div className="field">
        <label htmlFor={id}>{text('session.token')}</label>
        <input
          aria-describedby={fault === null ? undefined : `${id}-fault`}
          aria-invalid={fault !== null}
          autoCapitalize="none"
          autoComplete="current-password"
          // biome-ignore lint/a11y/noAutofocus: it is all that the page is for
          autoFocus
          id={id}
          name="password"
          onChange={() => setFault(null)}
          placeholder="ph_…"
          ref={field}
          spellCheck={false}
          type="password"
        />
        <p className="field-error" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      </div>
      <label className="check">
        <input checked={onDevice} onChange={(event) => setOnDevice(event.target.checked)} type="checkbox" />
        <span>
          {text('session.keep')}
          <span className="muted small">{text('session.keepHint')}</span>
        </span>
      </label>
      <button className="button primary" disabled={busy} type="submit">
        {text(busy ? 'session.checking' : 'session.signIn')}
      </button>
    </form>
  );
}

/** Cleans a pasted token: it may have blanks around it, or be a whole header. */
function cleanToken(text: string): string {
  return text
    .trim()
    .replace(/^authorization:\s*/i, '')
    .replace(/^bearer\s+/i, '');
}

function explainFault({ code, message, endedAt }: SignInFault, text: Text): string {
  if (endedAt !== null) {
    const time = formatMoment(new Date(endedAt).toISOString(), text.language, Date.now());
    return text('session.ended', { time });
  }
  switch (code) {
    case 'UNAUTHENTICATED':
      return text('session.notTaken', { message });
    case 'NETWORK':
      return text('error.NETWORK');
    case 'RATE_LIMITED':
    case 'UNAVAILABLE':
      return text('session.later');
    default:
      return message;
  }
}
