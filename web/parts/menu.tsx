/** Who is signed in, and what the token allows until when; on small screens also language and theme. */
import { useNow } from '../state/clock.ts';
import { type Grant, session, signOut } from '../state/session.ts';
import { useValue } from '../state/value.ts';
import { formatDuration } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { Moment } from './moment.tsx';
import { LanguageButton, ThemeButton } from './preferences.tsx';
import { WebhooksLink } from './webhooks-link.tsx';

/** Below this, the remaining time is shown in the header. */
const NEAR_END_S = 120;

export function Menu() {
  const text = useText();
  const now = useValue(session);
  const grant = now.name === 'in' ? now.grant : null;
  return (
    <div className={grant === null ? 'menu narrow-only' : 'menu'}>
      <button className="button quiet menu-button" popoverTarget="menu" type="button">
        <Glyph name={grant === null ? 'more' : 'person'} />
        <span className="sr-only">{text(grant === null ? 'app.menu' : 'session.account')}</span>
        {grant?.scope === 'READ' && <span className="menu-note wide-only">{text('session.readOnly')}</span>}
        {grant?.expiresAt && <NearEnd at={Date.parse(grant.expiresAt)} />}
      </button>
      <div className="popover" id="menu" popover="auto">
        <div className="row narrow-only">
          <WebhooksLink />
          <LanguageButton />
          <ThemeButton />
        </div>
        {grant !== null && <Account grant={grant} />}
      </div>
    </div>
  );
}

function NearEnd({ at }: { readonly at: number }) {
  const text = useText();
  const seconds = Math.max(0, Math.ceil((at - useNow()) / 1000));
  if (seconds > NEAR_END_S) return null;
  const time = formatDuration(seconds, text.language);
  return <span className="menu-note number">{text('session.endsIn', { time })}</span>;
}

function Account({ grant }: { readonly grant: Grant }) {
  const text = useText();
  const { scope, projects, expiresAt } = grant;
  return (
    <div className="account">
      <h2 className="small-title">{text('session.account')}</h2>
      <dl>
        <dt>{text('session.projects')}</dt>
        <dd>{projects === null ? text('session.allProjects') : projects.join(', ')}</dd>
        <dt>{text('session.scope')}</dt>
        <dd>{text(`session.scope.${scope}`)}</dd>
        <dt>{text('session.until')}</dt>
        <dd>{expiresAt === null ? text('session.noEnd') : <Moment iso={expiresAt} />}</dd>
      </dl>
      <button className="button" onClick={signOut} type="button">
        {text('session.signOut')}
      </button>
    </div>
  );
}
