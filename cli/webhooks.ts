/** The commands on webhooks: what a project reports to other servers about its jobs, and what became of that. */
import { EXIT, type ExitCode, Failure } from './failure.ts';
import { shownId, theOneAmong } from './job-id.ts';
import {
  CreateWebhookDocument,
  DeleteWebhookDocument,
  DeliveriesDocument,
  type Delivery,
  EnableWebhookDocument,
  RedeliverWebhookDocument,
  RotateWebhookSecretDocument,
  type TypedDocumentString,
  type Webhook,
  type WebhookEvent,
  WebhooksDocument,
} from './operations.ts';
import { type CommonOptions, Session } from './session.ts';
import { formatAge, formatSeconds, plain } from './text.ts';

/** Lists the webhooks of the project, oldest first. @throws Failure */
export async function listWebhooks(options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const webhooks = await load(session);
  for (const webhook of webhooks) session.line({ type: 'webhook', webhook });
  const ids = webhooks.map(({ id }) => id);
  const rows = webhooks.map((webhook) => [
    shownId(ids, webhook.id),
    webhook.disabledReason === null ? 'on' : 'disabled',
    eventWords(webhook),
    ago(webhook.createdAt),
    [webhook.url, webhook.disabledReason].filter((text) => text !== null).join('  '),
  ]);
  showTable(session, ['WEBHOOK', 'STATUS', 'EVENTS', 'MADE', 'URL'], rows);
  if (webhooks.length === 0 && !session.json) session.note(`No webhooks in project ${session.projectId}.`);
  return EXIT.done;
}

export interface CreateOptions extends CommonOptions {
  readonly events?: readonly WebhookEvent[];
}

/** Creates a webhook. Only its secret is written to standard output. @throws Failure */
export async function createWebhook(url: string, options: CreateOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { projectId } = session;
  const input = { projectId, url, events: options.events === undefined ? null : [...options.events] };
  const { createWebhook: made } = await ask(session, CreateWebhookDocument, { input }, true);
  const { webhook } = made;
  showSecret(
    session,
    made,
    `${plain(webhook.url)} is told of ${eventWords(webhook)} jobs of project ${projectId}: webhook ${webhook.id}.`,
  );
  return EXIT.done;
}

/** Gives a webhook a new secret, the only thing written to standard output. @throws Failure */
export async function rotateSecret(part: string, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { rotateWebhookSecret: made } = await ask(
    session,
    RotateWebhookSecretDocument,
    await named(session, part),
    true,
  );
  showSecret(
    session,
    made,
    `Webhook ${made.webhook.id} has another secret. For 24 hours, messages are signed with the old one too.`,
  );
  return EXIT.done;
}

/** Enables a disabled webhook. @throws Failure */
export async function enableWebhook(part: string, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { enableWebhook: webhook } = await ask(session, EnableWebhookDocument, await named(session, part));
  session.line({ type: 'webhook', webhook });
  session.out(`Webhook ${webhook.id} is on: what waits is sent now.`);
  return EXIT.done;
}

/** Removes a webhook, with everything that waits to be sent. @throws Failure */
export async function deleteWebhook(part: string, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const webhook = await named(session, part);
  await ask(session, DeleteWebhookDocument, webhook);
  session.line({ type: 'deleted', id: webhook.id });
  session.out(`Webhook ${webhook.id} is deleted.`);
  return EXIT.done;
}

export interface DeliveriesOptions extends CommonOptions {
  readonly first: number;
}

/** Lists the newest deliveries of a webhook, newest first. @throws Failure */
export async function listDeliveries(part: string, options: DeliveriesOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { projectId } = session;
  const { id } = await named(session, part);
  const { webhooks } = await ask(session, DeliveriesDocument, { projectId, first: options.first });
  const webhook = webhooks.find((one) => one.id === id);
  if (webhook === undefined) throw new Failure('NOT_FOUND', `There is no webhook ${id}`, { fix: LISTS });
  const { deliveries } = webhook;
  for (const delivery of deliveries) session.line({ type: 'delivery', delivery });
  const ids = deliveries.map(({ jobId }) => jobId);
  const rows = deliveries.map((delivery) => [
    delivery.id,
    shownId(ids, delivery.jobId),
    delivery.event.toLowerCase(),
    delivery.status,
    String(delivery.attempts),
    whenOf(delivery),
    plain(delivery.lastError ?? String(delivery.lastStatusCode ?? '')),
  ]);
  showTable(session, ['DELIVERY', 'JOB', 'EVENT', 'STATUS', 'TRIES', 'WHEN', 'ANSWER'], rows);
  if (deliveries.length === 0 && !session.json) session.note(`Webhook ${id} was not told of anything yet.`);
  return EXIT.done;
}

/** Sends a delivery again, under its id. @throws Failure */
export async function redeliver(deliveryId: string, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { projectId } = session;
  const { redeliverWebhook: delivery } = await ask(session, RedeliverWebhookDocument, {
    projectId,
    deliveryId,
  });
  session.line({ type: 'delivery', delivery });
  session.out(`Delivery ${delivery.id} is sent again.`);
  return EXIT.done;
}

const LISTS =
  'Check the id and --project: `webhooks list` and `webhooks deliveries WEBHOOK` list what there is.';

/** @param once set when a second try could create a second webhook or secret @throws Failure */
async function ask<Data, Variables>(
  { api }: Session,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  once = false,
): Promise<Data> {
  try {
    return await api.request(document, variables, { once });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const fix = FIXES[error.code];
    if (fix === undefined) throw error;
    throw new Failure(error.code, error.message, { cause: error, exitCode: error.exitCode, fix });
  }
}

const FIXES: Readonly<Record<string, string>> = {
  NOT_FOUND: LISTS,
  FORBIDDEN: 'Webhooks need a key or token with the scope admin for this project.',
  WEBHOOK_DISABLED: 'Take it up with `webhooks enable WEBHOOK`.',
};

async function load(session: Session): Promise<readonly Webhook[]> {
  return (await ask(session, WebhooksDocument, { projectId: session.projectId })).webhooks;
}

/** Finds the webhook meant by an id, or by its beginning or end. @throws Failure USAGE when several match */
async function named(session: Session, part: string): Promise<{ projectId: string; id: string }> {
  const ids = (await load(session)).map(({ id }) => id);
  return { projectId: session.projectId, id: theOneAmong(ids, part.toLowerCase(), 'webhook') ?? part };
}

interface Made {
  readonly secret: string;
  readonly webhook: Webhook;
}

function showSecret(session: Session, { secret, webhook }: Made, words: string): void {
  session.line({ type: 'webhook', webhook, secret });
  session.out(secret);
  if (!session.json) session.note(`${words}\nThe secret is shown this once.`);
}

function eventWords({ events }: Pick<Webhook, 'events'>): string {
  return events.map((event) => event.toLowerCase()).join(', ');
}

function whenOf({ deliveredAt, nextAttemptAt }: Delivery): string {
  if (deliveredAt !== null) return ago(deliveredAt);
  if (nextAttemptAt === null) return '';
  const seconds = (Date.parse(nextAttemptAt) - Date.now()) / 1000;
  return seconds <= 0 ? 'now' : `in ${formatSeconds(Math.ceil(seconds))}`;
}

function ago(iso: string): string {
  return `${formatAge(iso)} ago`;
}

/** Prints columns as wide as their widest cell; the last one takes what it needs. */
function showTable(session: Session, head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    session.out(plain(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')));
  }
}
