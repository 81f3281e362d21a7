/**
 * `POST /webhooks/video/TOKEN`: the video API reports that a clip has changed. This only ends a worker's wait early: the notice
 * is not trusted, and the API is queried again. So the unguessable path is enough, however a provider signs.
 */
import type { IncomingMessage } from 'node:http';
import { readBody } from '../core/read-body.ts';
import type { Secret } from '../core/secret.ts';
import { isSame } from '../core/secret.ts';

const WEBHOOK_PREFIX = '/webhooks/video/';
const BODY_LIMIT_BYTES = 65_536;
const ID_LIMIT_CHARS = 200;
const IDS_LIMIT = 8;

export interface VideoWebhook {
  /** Undefined: the webhook is off. */
  readonly token: Secret | undefined;
  /** Notifies the workers. @throws when that fails, so that the provider may send the notice again */
  readonly announce: (clipIds: readonly string[]) => Promise<void>;
}

/** The address for the provider's settings or requests. @param publicUrl without a trailing `/` */
export function webhookUrl(publicUrl: string, token: Secret): string {
  return `${publicUrl}${WEBHOOK_PREFIX}${token.reveal()}`;
}

export function isWebhookPath(path: string): boolean {
  return path.startsWith(WEBHOOK_PREFIX);
}

/**
 * Handles a notice.
 * @returns the status to answer with: 204; 404 (no such token), 405, 400 (not JSON), 413 (over 64 KB), 503 (workers cannot be
 * notified)
 */
export async function takeVideoNotice(
  path: string,
  request: IncomingMessage,
  webhook: VideoWebhook,
): Promise<204 | 400 | 404 | 405 | 413 | 503> {
  const { token, announce } = webhook;
  if (token === undefined || !isSame(path.slice(WEBHOOK_PREFIX.length), token.reveal())) return 404;
  if (request.method !== 'POST') return 405;
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (body === null) return 413;
  const ids = readClipIds(body.toString('utf8'));
  if (ids === null) return 400;
  if (ids.length === 0) return 204;
  return announce(ids).then(
    () => 204,
    () => 503,
  );
}

/**
 * The ids that a notice may refer to. OpenAI sends the clip's id as `data.id` beside the event's own `id`, others as `id`,
 * `video_id`, `job_id` or `request_id`; ids that no worker waits for have no effect.
 * @returns null when the body is not a JSON object
 */
function readClipIds(body: string): readonly string[] | null {
  let notice: unknown;
  try {
    notice = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof notice !== 'object' || notice === null || Array.isArray(notice)) return null;
  const inner = ['data', 'video', 'payload', 'object'].map((name): unknown => Reflect.get(notice, name));
  const found = [notice, ...inner].flatMap((part) =>
    typeof part === 'object' && part !== null
      ? ['id', 'video_id', 'job_id', 'request_id'].map((name): unknown => Reflect.get(part, name))
      : [],
  );
  const ids = found.filter((id) => typeof id === 'string' || typeof id === 'number').map(String);
  return [...new Set(ids)].filter((id) => id !== '' && id.length <= ID_LIMIT_CHARS).slice(0, IDS_LIMIT);
}
