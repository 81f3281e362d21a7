/** Outgoing webhooks: what is sent to others over HTTP, and what became of it. */
import {
  type CreatedWebhook,
  type DeliveryView,
  MAX_WEBHOOKS,
  type WebhookRequest,
  type WebhookView,
} from '../webhooks/commands.ts';
import type { WebhookEvent } from '../webhooks/message.ts';
import type { Builder } from './builder.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, parsePageSize } from './page-info.ts';
import { PROJECT_ID } from './query.ts';

const WEBHOOK_ID = 'Id of the webhook.';
const REFUSALS = 'BAD_USER_INPUT, NOT_FOUND, FORBIDDEN (the scope is not admin), UNAVAILABLE';

export function addWebhooks(builder: Builder): void {
  const event = addWebhookEvent(builder);
  const delivery = addDelivery(builder, event);
  const webhook = addWebhook(builder, event, delivery);
  const created = addCreatedWebhook(builder, webhook);
  addWebhookQuery(builder, webhook);
  addCreation(builder, event, created);
  addUpkeep(builder, { created, delivery, webhook });
}

type EventRef = ReturnType<typeof addWebhookEvent>;
type DeliveryRef = ReturnType<typeof addDelivery>;
type WebhookRef = ReturnType<typeof addWebhook>;
type CreatedRef = ReturnType<typeof addCreatedWebhook>;

function addWebhookEvent(builder: Builder) {
  return builder.enumType('WebhookEvent', {
    description: 'What a webhook can be told of a job. Batches and their items are jobs.',
    values: {
      COMPLETED: { description: 'It has ended with a result (`job.completed`).' },
      FAILED: { description: 'It has ended with an error (`job.failed`).' },
      CANCELLED: { description: 'It was cancelled (`job.cancelled`).' },
      RETRYING: { description: 'An attempt failed, and another will follow (`job.retrying`).' },
      STARTED: { description: 'An attempt has begun (`job.started`).' },
    } satisfies Record<WebhookEvent, { readonly description: string }>,
  });
}

function addDelivery(builder: Builder, event: EventRef) {
  return builder.objectRef<DeliveryView>('WebhookDelivery').implement({
    description:
      'One message of a webhook. It is kept while it waits; of those that are over, the newest 100 are kept for up to 7 days.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description: 'Its id, which every attempt carries as the header `webhook-id`.',
      }),
      event: t.expose('event', { type: event, description: 'What it tells.' }),
      jobId: t.exposeID('jobId', { description: 'The job that it is about.' }),
      attempts: t.exposeInt('attempts', { description: 'Attempts made so far.' }),
      status: t.exposeString('status', {
        description:
          '"pending": it waits for its first or next attempt, or for an earlier one of its job; "delivered": the receiver answered 2xx; "failed": it was given up after 24 hours.',
      }),
      lastStatusCode: t.exposeInt('lastStatusCode', {
        nullable: true,
        description:
          'HTTP status of the last answer; null: there was no answer to the last attempt, or no attempt.',
      }),
      lastError: t.exposeString('lastError', {
        nullable: true,
        description: 'Why the last attempt failed; null: it did not, or there was none.',
      }),
      nextAttemptAt: t.expose('nextAttemptAt', {
        type: 'DateTime',
        nullable: true,
        description:
          'When it is tried next, or the delivery of the same job before it; null: never, or not before the webhook is enabled.',
      }),
      deliveredAt: t.expose('deliveredAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the receiver accepted it; null: it has not.',
      }),
    }),
  });
}

function addWebhook(builder: Builder, event: EventRef, delivery: DeliveryRef) {
  return builder.objectRef<WebhookView>('Webhook').implement({
    description: 'An address that is told of a project’s jobs by HTTP (Standard Webhooks).',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Id of the webhook.' }),
      projectId: t.exposeID('projectId', { description: 'The project whose jobs it is told of.' }),
      url: t.exposeString('url', { description: 'Where messages are posted.' }),
      events: t.field({
        type: [event],
        description: 'What it is told.',
        resolve: ({ events }) => [...events],
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
      disabledReason: t.exposeString('disabledReason', {
        nullable: true,
        description:
          'Why nothing is sent any more: the receiver answered 410, or accepted nothing for 24 hours; enableWebhook takes it up again. Null: messages are sent.',
      }),
      deliveries: t.field({
        type: [delivery],
        description: 'Its newest messages, newest first.',
        args: {
          first: t.arg.int({
            description: `How many, 1..${MAX_PAGE_SIZE}; default ${DEFAULT_PAGE_SIZE}.`,
          }),
        },
        resolve: async ({ projectId, id }, { first }, { webhooks }) => [
          ...(await webhooks.deliveries({ projectId, id }, parsePageSize(first))),
        ],
      }),
    }),
  });
}

function addCreatedWebhook(builder: Builder, webhook: WebhookRef) {
  return builder.objectRef<CreatedWebhook>('CreatedWebhook').implement({
    description: 'A webhook and its secret.',
    fields: (t) => ({
      webhook: t.expose('webhook', { type: webhook, description: 'The webhook.' }),
      secret: t.exposeString('secret', {
        description:
          'What its messages are signed with, `whsec_` and base64, as the libraries of Standard Webhooks take it. Shown this once.',
      }),
    }),
  });
}

function addWebhookQuery(builder: Builder, webhook: WebhookRef): void {
  builder.queryField('webhooks', (t) =>
    t.field({
      type: [webhook],
      description: `The webhooks of a project, oldest first. Errors: ${REFUSALS}.`,
      args: { projectId: t.arg.id({ required: true, description: PROJECT_ID }) },
      resolve: async (_root, { projectId }, { webhooks }) => [...(await webhooks.list(projectId))],
    }),
  );
}

function addCreation(builder: Builder, event: EventRef, created: CreatedRef): void {
  const input = builder.inputRef<WebhookRequest>('WebhookInput').implement({
    description: 'What createWebhook takes.',
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      url: t.string({
        required: true,
        description:
          'An https:// URL with a public address, of at most 2,000 characters; with PLAYHEAD_WEBHOOK_PRIVATE also http:// and private addresses.',
      }),
      events: t.field({
        type: [event],
        description: 'What it is told, at least one. Default: COMPLETED, FAILED, CANCELLED.',
      }),
    }),
  });
  builder.mutationField('createWebhook', (t) =>
    t.field({
      type: created,
      description: `Makes a webhook, which is told of all that happens from now on, in the order of each job’s events, each at least once and always under the same id. A project has at most ${MAX_WEBHOOKS}. Errors: ${REFUSALS}, QUOTA_EXCEEDED.`,
      args: { input: t.arg({ type: input, required: true, description: 'What createWebhook takes.' }) },
      resolve: (_root, args, { webhooks }) => webhooks.create(args.input),
    }),
  );
}

interface UpkeepRefs {
  readonly created: CreatedRef;
  readonly delivery: DeliveryRef;
  readonly webhook: WebhookRef;
}

function addUpkeep(builder: Builder, { created, delivery, webhook }: UpkeepRefs): void {
  builder.mutationFields((t) => {
    const ofWebhook = {
      projectId: t.arg.id({ required: true, description: PROJECT_ID }),
      id: t.arg.id({ required: true, description: WEBHOOK_ID }),
    };
    return {
      deleteWebhook: t.boolean({
        description: `Removes a webhook, and with it all that was not delivered yet. Gives true. Errors: ${REFUSALS}.`,
        args: ofWebhook,
        resolve: async (_root, { projectId, id }, { webhooks }) => {
          await webhooks.delete(projectId, id);
          return true;
        },
      }),
      rotateWebhookSecret: t.field({
        type: created,
        description: `Gives a webhook another secret. For 24 hours, messages are signed with the old one too, so that a receiver may have either. Errors: ${REFUSALS}.`,
        args: ofWebhook,
        resolve: (_root, { projectId, id }, { webhooks }) => webhooks.rotate(projectId, id),
      }),
      enableWebhook: t.field({
        type: webhook,
        description: `Takes a webhook up again that was disabled: what waits is sent at once, and what has happened meanwhile follows. Without effect on one that is not disabled. Errors: ${REFUSALS}.`,
        args: ofWebhook,
        resolve: (_root, { projectId, id }, { webhooks }) => webhooks.enable(projectId, id),
      }),
      redeliverWebhook: t.field({
        type: delivery,
        description: `Sends a message again, under its id: one that is pending at once, any other behind those of its job that wait. Errors: ${REFUSALS}, WEBHOOK_DISABLED.`,
        args: {
          projectId: t.arg.id({ required: true, description: PROJECT_ID }),
          deliveryId: t.arg.id({ required: true, description: 'Id of the delivery.' }),
        },
        resolve: (_root, { projectId, deliveryId }, { webhooks }) =>
          webhooks.redeliver(projectId, deliveryId),
      }),
    };
  });
}
