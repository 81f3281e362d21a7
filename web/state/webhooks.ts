/** A project's webhooks, as the page shows them: polled while somebody looks. */
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import {
  CreateWebhookDocument,
  DeleteWebhookDocument,
  EnableWebhookDocument,
  RedeliverWebhookDocument,
  RotateWebhookSecretDocument,
  type WebhookEvent,
  type WebhookFieldsFragment,
  WebhooksDocument,
} from '../generated/graphql.ts';

export type Webhook = WebhookFieldsFragment;
export type Delivery = Webhook['deliveries'][number];
export type { WebhookEvent };

/** In the order in which the page offers them. */
export const WEBHOOK_EVENTS: readonly WebhookEvent[] = [
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'RETRYING',
  'STARTED',
];
/** The same as the API's default. */
export const DEFAULT_EVENTS: readonly WebhookEvent[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** There are no events for deliveries. */
const ASK_AGAIN_MS = 3_000;

/** A newly created secret, and the address of the messages signed with it. */
export interface NewSecret {
  readonly secret: string;
  readonly url: string;
}

export interface Webhooks {
  /** Null: not known yet. */
  readonly all: readonly Webhook[] | null;
  /** Why the last query failed; null: it did not. */
  readonly failure: unknown;
  readonly reload: () => void;
}

/** @param isAllowed if false, nothing is queried */
export function useWebhooks(projectId: string, isAllowed: boolean): Webhooks {
  const [all, setAll] = useState<readonly Webhook[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [count, setCount] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: count asks once more
  useEffect(() => {
    if (!isAllowed) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      try {
        const { webhooks } = await request(WebhooksDocument, { projectId }, stop.signal);
        if (stop.signal.aborted) return;
        setAll(webhooks);
        setFailure(null);
      } catch (error) {
        if (stop.signal.aborted) return;
        setFailure(error);
      }
      timer = setTimeout(again, ASK_AGAIN_MS);
    };
    const again = (): void => {
      if (document.visibilityState === 'visible') void ask();
      else document.addEventListener('visibilitychange', again, { once: true, signal: stop.signal });
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [projectId, isAllowed, count]);
  return { all, failure, reload: () => setCount((before) => before + 1) };
}

/** @throws RequestError */
export async function createWebhook(
  projectId: string,
  url: string,
  events: readonly WebhookEvent[],
): Promise<NewSecret> {
  const input = { projectId, url, events: [...events] };
  const { createWebhook: made } = await request(CreateWebhookDocument, { input });
  return { secret: made.secret, url: made.webhook.url };
}

/** @throws RequestError */
export async function rotateSecret(projectId: string, id: string): Promise<NewSecret> {
  const { rotateWebhookSecret: made } = await request(RotateWebhookSecretDocument, { projectId, id });
  return { secret: made.secret, url: made.webhook.url };
}

/** @throws RequestError */
export async function enableWebhook(projectId: string, id: string): Promise<void> {
  await request(EnableWebhookDocument, { projectId, id });
}

/** @throws RequestError */
export async function deleteWebhook(projectId: string, id: string): Promise<void> {
  await request(DeleteWebhookDocument, { projectId, id });
}

/** @throws RequestError */
export async function redeliver(projectId: string, deliveryId: string): Promise<void> {
  await request(RedeliverWebhookDocument, { projectId, deliveryId });
}
