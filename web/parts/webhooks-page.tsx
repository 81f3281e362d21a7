/** The project's webhooks, and what became of their messages. */
import { useEffect, useRef, useState } from 'react';
import { useProject } from '../state/project-context.ts';
import { mayAdminister, useGrant } from '../state/session.ts';
import { type NewSecret, useWebhooks, type Webhooks } from '../state/webhooks.ts';
import { explainRequest } from '../text/explain-request.ts';
import { useText } from '../text/use-text.ts';
import { CopyButton } from './copy-button.tsx';
import { Logo } from './icons.tsx';
import { SubPage } from './sub-page.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookPanel } from './webhook-panel.tsx';

export function WebhooksPage() {
  const text = useText();
  const project = useProject();
  const isAllowed = mayAdminister(useGrant());
  const webhooks = useWebhooks(project.id, isAllowed);
  return (
    <SubPage className="webhooks-page" title={text('webhooks.title')}>
      {isAllowed ? (
        <Content webhooks={webhooks} />
      ) : (
        <section className="nothing">
          <Logo />
          <p>{text('webhooks.adminOnly')}</p>
        </section>
      )}
    </SubPage>
  );
}

function Content({ webhooks: { all, failure, reload } }: { readonly webhooks: Webhooks }) {
  const text = useText();
  const [secret, showSecret] = useState<NewSecret | null>(null);
  const note = (made: NewSecret): void => {
    showSecret(made);
    reload();
  };
  if (all === null) return <NotKnown failure={failure} reload={reload} />;
  return (
    <>
      <p className="muted">{text('webhooks.about')}</p>
      {failure !== null && (
        <p className="field-error" role="alert">
          {text('webhooks.failed', { reason: explainRequest(failure, text) })}
        </p>
      )}
      <WebhookForm onMade={note} />
      {all.length === 0 && <p className="muted">{text('webhooks.empty')}</p>}
      {all.map((webhook) => (
        <WebhookPanel key={webhook.id} onSecret={note} reload={reload} webhook={webhook} />
      ))}
      {secret !== null && <SecretDialog onClose={() => showSecret(null)} shown={secret} />}
    </>
  );
}

function NotKnown({ failure, reload }: Pick<Webhooks, 'failure' | 'reload'>) {
  const text = useText();
  if (failure === null) {
    return (
      <p className="nothing" role="status">
        {text('webhooks.loading')}
      </p>
    );
  }
  return (
    <div className="nothing" role="alert">
      <p>{text('webhooks.failed', { reason: explainRequest(failure, text) })}</p>
      <button className="button" onClick={reload} type="button">
        {text('list.again')}
      </button>
    </div>
  );
}

interface SecretDialogProps {
  readonly shown: NewSecret;
  readonly onClose: () => void;
}

/** Shows a secret once. Escape does not close the dialog: the secret cannot be shown again. */
function SecretDialog({ shown: { secret, url }, onClose }: SecretDialogProps) {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      aria-labelledby="secret-title"
      className="dialog question secret"
      onCancel={(event) => event.preventDefault()}
      onClose={onClose}
      ref={dialog}
    >
      <h2 id="secret-title">{text('webhooks.secret')}</h2>
      <p>{text('webhooks.secretText', { url })}</p>
      <div className="row secret-text">
        <code className="mono">{secret}</code>
        <CopyButton content={secret} label={text('webhooks.secretCopy')} />
      </div>
      <div className="row end">
        <button className="button primary" onClick={() => dialog.current?.close()} type="button">
          {text('webhooks.secretKept')}
        </button>
      </div>
    </dialog>
  );
}
