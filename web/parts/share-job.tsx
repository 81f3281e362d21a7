/** Makes a link that shows only this job to anyone who has it, for a chosen time. */
import { useId, useRef, useState } from 'react';
import { isBatch, type JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { session } from '../state/session.ts';
import { shareLink } from '../state/share.ts';
import { useValue } from '../state/value.ts';
import type { MessageKey } from '../text/messages.ts';
import { useText } from '../text/use-text.ts';
import { CopyButton } from './copy-button.tsx';
import { Glyph } from './icons.tsx';
import { Moment } from './moment.tsx';
import { OrderFailure, useOrder } from './order.tsx';

const HOUR_SECONDS = 3_600;
const LIFETIMES: readonly (readonly [seconds: number, name: MessageKey])[] = [
  [HOUR_SECONDS, 'share.hour'],
  [24 * HOUR_SECONDS, 'share.day'],
  [7 * 24 * HOUR_SECONDS, 'share.week'],
  [30 * 24 * HOUR_SECONDS, 'share.month'],
];
const USUAL_SECONDS = 7 * 24 * HOUR_SECONDS;

/** Hidden without authentication: the page's own address is then such a link, to everything. */
export function ShareJob({ job }: { readonly job: JobView }) {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [isShown, setShown] = useState(false);
  if (useValue(session).name !== 'in') return null;
  const open = (): void => {
    setShown(true);
    dialog.current?.showModal();
  };
  return (
    <>
      <button className="button" onClick={open} type="button">
        <Glyph name="share" />
        {text('share.action')}
      </button>
      <dialog
        aria-labelledby={title}
        className="dialog question"
        onClose={() => setShown(false)}
        ref={dialog}
      >
        <h2 id={title}>{text('share.title')}</h2>
        {isShown && <ShareForm job={job} />}
        <div className="row end">
          <button className="button" onClick={() => dialog.current?.close()} type="button">
            {text('share.close')}
          </button>
        </div>
      </dialog>
    </>
  );
}

interface Link {
  readonly url: string;
  readonly expiresAt: string;
}

function ShareForm({ job }: { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  const field = useId();
  const [seconds, setSeconds] = useState(USUAL_SECONDS);
  const [link, setLink] = useState<Link | null>(null);
  const make = useOrder(async () => {
    const { token, expiresAt } = await project.share(job.id, seconds);
    setLink({ url: shareLink(project.id, job.id, token), expiresAt });
  });
  return (
    <>
      <p>{text(isBatch(job) ? 'share.textBatch' : 'share.text')}</p>
      <div className="field">
        <label htmlFor={field}>{text('share.lifetime')}</label>
        <select
          id={field}
          onChange={(event) => {
            setSeconds(Number(event.target.value));
            setLink(null);
          }}
          value={seconds}
        >
          {LIFETIMES.map(([value, name]) => (
            <option key={value} value={value}>
              {text(name)}
            </option>
          ))}
        </select>
      </div>
      <OrderFailure order={make} />
      {link === null ? (
        <button
          className="button primary"
          disabled={make.busy}
          onClick={() => void make.give()}
          type="button"
        >
          {text('share.make')}
        </button>
      ) : (
        <MadeLink link={link} />
      )}
    </>
  );
}

function MadeLink({ link: { url, expiresAt } }: { readonly link: Link }) {
  const text = useText();
  const field = useId();
  return (
    <div className="field">
      <label htmlFor={field}>{text('share.link')}</label>
      <div className="row">
        <input
          // biome-ignore lint/a11y/noAutofocus: it is what was asked for, ready to be copied
          autoFocus
          className="mono grow"
          id={field}
          onFocus={(event) => event.target.select()}
          readOnly
          type="text"
          value={url}
        />
        <CopyButton content={url} label={text('share.copy')} />
      </div>
      <p className="small" role="status">
        {text('share.until')} <Moment iso={expiresAt} />
      </p>
    </div>
  );
}
