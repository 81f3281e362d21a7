/** Creates a webhook: its address, and its events. */
import { type FormEvent, useId, useState } from 'react';
import { RequestError } from '../api/request.ts';
import { useProject } from '../state/project-context.ts';
import {
  createWebhook,
  DEFAULT_EVENTS,
  type NewSecret,
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from '../state/webhooks.ts';
import { explainRequest } from '../text/explain-request.ts';
import { type Text, useText } from '../text/use-text.ts';

export function WebhookForm({ onMade }: { readonly onMade: (made: NewSecret) => void }) {
  const text = useText();
  const project = useProject();
  const id = useId();
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState(DEFAULT_EVENTS);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (url.trim() === '') return setFault({ at: 'url', says: text('form.required') });
    if (events.length === 0) return setFault({ at: 'events', says: text('webhooks.noEvent') });
    setBusy(true);
    setFault(null);
    try {
      const made = await createWebhook(project.id, url.trim(), events);
      setUrl('');
      setEvents(DEFAULT_EVENTS);
      onMade(made);
    } catch (error) {
      setFault(faultOf(error, text));
    }
    setBusy(false);
  };
  return (
    <form className="panel webhook-form" noValidate onSubmit={(event) => void submit(event)}>
      <h2>{text('webhooks.add')}</h2>
      <div className="field">
        <label htmlFor={id}>{text('webhooks.url')}</label>
        <input
          aria-describedby={`${id}-hint`}
          aria-invalid={fault?.at === 'url'}
          autoCapitalize="none"
          id={id}
          inputMode="url"
          onChange={(event) => setUrl(event.target.value)}
          placeholder="https://example.com/playhead"
          spellCheck={false}
          type="url"
          value={url}
        />
        <Hint fault={fault?.at === 'url' ? fault.says : null} id={`${id}-hint`}>
          {text('webhooks.urlHint')}
        </Hint>
      </div>
      <fieldset aria-describedby={`${id}-events`}>
        <legend>{text('webhooks.events')}</legend>
        <div className="row wrap">
          {WEBHOOK_EVENTS.map((event) => (
            <label className="check" key={event}>
              <input
                checked={events.includes(event)}
                onChange={({ target }) => setEvents(toggled(events, event, target.checked))}
                type="checkbox"
              />
              <span>{text(`webhooks.event.${event}`)}</span>
            </label>
          ))}
        </div>
        <Hint fault={fault?.at === 'events' ? fault.says : null} id={`${id}-events`} />
      </fieldset>
      <div className="row end">
        <div aria-live="polite">{fault?.at === 'all' && <p className="field-error">{fault.says}</p>}</div>
        <button className="button primary" disabled={busy} type="submit">
          {text('webhooks.create')}
        </button>
      </div>
    </form>
  );
}

interface HintProps {
  readonly id: string;
  readonly fault: string | null;
  readonly children?: string;
}

function Hint({ id, fault, children }: HintProps) {
  return (
    <div aria-live="polite" id={id}>
      {fault === null ? (
        children && <p className="hint">{children}</p>
      ) : (
        <p className="field-error">{fault}</p>
      )}
    </div>
  );
}

interface Fault {
  readonly at: 'url' | 'events' | 'all';
  readonly says: string;
}

function faultOf(error: unknown, text: Text): Fault {
  const issue = error instanceof RequestError ? error.issues[0] : undefined;
  if (issue?.field !== 'input.url') return { at: 'all', says: explainRequest(error, text) };
  return { at: 'url', says: text('form.expected', { expected: issue.expected }) };
}

/** The chosen events, in the order in which they are offered. */
function toggled(
  events: readonly WebhookEvent[],
  event: WebhookEvent,
  isOn: boolean,
): readonly WebhookEvent[] {
  return WEBHOOK_EVENTS.filter((one) => (one === event ? isOn : events.includes(one)));
}
