/** One webhook: whether it is on, the actions on it, and its newest messages. */
import { useState } from 'react';
import { useNow } from '../state/clock.ts';
import { useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import {
  type Delivery,
  deleteWebhook,
  enableWebhook,
  type NewSecret,
  redeliver,
  rotateSecret,
  type Webhook,
} from '../state/webhooks.ts';
import { formatDuration, shortId } from '../text/format.ts';
import { type Text, useText } from '../text/use-text.ts';
import { Link } from './link.tsx';
import { Moment } from './moment.tsx';
import { OrderButton } from './order.tsx';

/** How many messages are shown at first. */
const FEW = 5;

interface PanelProps {
  readonly webhook: Webhook;
  readonly onSecret: (made: NewSecret) => void;
  readonly reload: () => void;
}

export function WebhookPanel({ webhook, onSecret, reload }: PanelProps) {
  const text = useText();
  const { disabledReason, events, url } = webhook;
  const isOn = disabledReason === null;
  return (
    <section aria-label={url} className="panel webhook" data-webhook={webhook.id}>
      <header className="webhook-head">
        <h2 className="webhook-url">{url}</h2>
        <span className="badge" data-status={isOn ? 'COMPLETED' : 'FAILED'}>
          <span aria-hidden="true" className="dot" />
          {text(isOn ? 'webhooks.on' : 'webhooks.disabled')}
        </span>
      </header>
      <p className="muted small">
        {text('webhooks.events')} {events.map((event) => text(`webhooks.event.${event}`)).join(', ')} ·{' '}
        {text('job.created')} <Moment iso={webhook.createdAt} />
      </p>
      {!isOn && (
        <div className="webhook-why">
          <p>{disabledReason}</p>
          <p className="muted small">{text('webhooks.disabledHint')}</p>
        </div>
      )}
      <Orders onSecret={onSecret} reload={reload} webhook={webhook} />
      <Deliveries isOn={isOn} reload={reload} webhook={webhook} />
    </section>
  );
}

function Orders({ webhook, onSecret, reload }: PanelProps) {
  const text = useText();
  const project = useProject();
  const { id, url } = webhook;
  const keep = text('webhooks.keep');
  return (
    <div className="row wrap">
      {webhook.disabledReason !== null && (
        <OrderButton give={() => enableWebhook(project.id, id).then(reload)} small>
          {text('webhooks.enable')}
        </OrderButton>
      )}
      <OrderButton
        give={async () => onSecret(await rotateSecret(project.id, id))}
        question={{
          title: text('webhooks.rotateTitle'),
          text: text('webhooks.rotateText'),
          confirm: text('webhooks.rotate'),
          keep,
        }}
        small
      >
        {text('webhooks.rotate')}
      </OrderButton>
      <OrderButton
        give={() => deleteWebhook(project.id, id).then(reload)}
        question={{
          title: text('webhooks.deleteTitle'),
          text: text('webhooks.deleteText', { url }),
          confirm: text('webhooks.delete'),
          keep,
        }}
        small
      >
        {text('webhooks.delete')}
      </OrderButton>
    </div>
  );
}

interface DeliveriesProps extends Pick<PanelProps, 'webhook' | 'reload'> {
  readonly isOn: boolean;
}

function Deliveries({ webhook: { deliveries }, isOn, reload }: DeliveriesProps) {
  const text = useText();
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? deliveries : deliveries.slice(0, FEW);
  return (
    <div className="deliveries">
      <h3>{text('webhooks.deliveries')}</h3>
      {deliveries.length === 0 && <p className="muted small">{text('webhooks.none')}</p>}
      <ul className="plain">
        {shown.map((delivery) => (
          <Row delivery={delivery} isOn={isOn} key={delivery.id} reload={reload} />
        ))}
      </ul>
      {shown.length < deliveries.length && (
        <button className="link-button" onClick={() => setWhole(true)} type="button">
          {text('webhooks.more', { count: deliveries.length })}
        </button>
      )}
    </div>
  );
}

/** The looks of the job statuses with the same meaning. */
const LOOKS = { pending: 'QUEUED', again: 'RETRYING', delivered: 'COMPLETED', failed: 'FAILED' } as const;

function stateOf({ status, attempts }: Delivery, isOn: boolean): keyof typeof LOOKS {
  if (status === 'delivered' || status === 'failed') return status;
  return isOn && attempts > 0 ? 'again' : 'pending';
}

interface RowProps {
  readonly delivery: Delivery;
  readonly isOn: boolean;
  readonly reload: () => void;
}

function Row({ delivery, isOn, reload }: RowProps) {
  const text = useText();
  const project = useProject();
  const { event, id, jobId } = delivery;
  const state = stateOf(delivery, isOn);
  return (
    <li className="delivery" data-delivery={id}>
      <span className="badge" data-status={LOOKS[state]}>
        <span aria-hidden="true" className="dot" />
        {text(`webhooks.status.${state}`)}
      </span>
      <Link className="delivery-job" href={jobPath(project.id, jobId)}>
        {text('webhooks.tells', { job: shortId(jobId), event: text(`webhooks.event.${event}`) })}
      </Link>
      <span className="delivery-facts muted small">
        <span>{text('webhooks.attempts', { count: delivery.attempts })}</span>
        <Answer delivery={delivery} />
        <When delivery={delivery} />
      </span>
      {isOn && (
        <OrderButton give={() => redeliver(project.id, id).then(reload)} small>
          {text('webhooks.redeliver')}
          <span className="sr-only"> {shortId(jobId)}</span>
        </OrderButton>
      )}
    </li>
  );
}

function Answer({ delivery: { lastError, lastStatusCode } }: Pick<RowProps, 'delivery'>) {
  const text = useText();
  if (lastStatusCode !== null) return <span>{text('webhooks.answered', { code: lastStatusCode })}</span>;
  return lastError === null ? null : <span>{lastError}</span>;
}

function When({ delivery: { deliveredAt, nextAttemptAt, status } }: Pick<RowProps, 'delivery'>) {
  const text = useText();
  const now = useNow();
  if (deliveredAt !== null) return <Moment iso={deliveredAt} />;
  if (status !== 'pending' || nextAttemptAt === null) return null;
  return <span className="number">{nextText(Date.parse(nextAttemptAt) - now, text)}</span>;
}

function nextText(inMs: number, text: Text): string {
  if (inMs <= 0) return text('webhooks.nextNow');
  return text('webhooks.nextIn', { time: formatDuration(Math.ceil(inMs / 1000), text.language) });
}
