/** What a webhook reports about an event, if anything. Pure. */
import { createHash } from 'node:crypto';
import { toJson } from '../core/json.ts';
import { toldResult } from '../jobs/tracked-result.ts';
import { encodeCursor } from '../log/cursor.ts';
import type { JobEvent, LoggedEvent } from '../progress/events.ts';
import { readAt, toldBy } from '../progress/job-at-event.ts';
import type { JobRecord } from '../progress/job-record.ts';

/** The events that a webhook can ask for, with the type of their messages. */
export const WEBHOOK_EVENTS = {
  COMPLETED: 'job.completed',
  FAILED: 'job.failed',
  CANCELLED: 'job.cancelled',
  RETRYING: 'job.retrying',
  STARTED: 'job.started',
} as const;
export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

/** The events of a webhook that asks for none: how jobs end. */
export const DEFAULT_WEBHOOK_EVENTS: readonly WebhookEvent[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

/** Returns what an event is to webhooks; null: nothing. */
export function webhookEventOf(event: JobEvent): WebhookEvent | null {
  switch (event.type) {
    case 'CompletionEvent':
      return 'COMPLETED';
    case 'ErrorEvent':
      return event.willRetry ? 'RETRYING' : event.code === 'CANCELLED' ? 'CANCELLED' : 'FAILED';
    case 'ProgressEvent':
      // An attempt begins before its first step.
      return event.status !== 'queued' && event.step === null && event.progress === 0 ? 'STARTED' : null;
  }
}

/**
 * The id of a webhook's message about an event: the same whoever sends it, and however often. An attempt starts once, even if
 * it reports more than once before its first step.
 */
export function deliveryIdOf(webhookId: string, { event, epoch, seq, hash }: LoggedEvent): string {
  const about =
    event.type === 'ProgressEvent' ? ['started', event.jobId, event.attempt] : ['event', epoch, seq, hash];
  const digest = createHash('sha256')
    .update([webhookId, ...about].join('\n'))
    .digest('base64url');
  return `msg_${digest.slice(0, ID_CHARS)}`;
}

/** 144 bits. */
const ID_CHARS = 24;

/** A longer message is sent without its result. */
export const MAX_BODY_BYTES = 256 * 1_024;

/**
 * The body of a message, as JSON: type, timestamp, and data with job, result and lastEventId.
 * @param record of the job, which may have moved on since; null: it is gone or cannot be read
 */
export function toBody(kind: WebhookEvent, logged: LoggedEvent, record: JobRecord | null): string {
  const { event } = logged;
  const { result, ...job } = describeJob(event, record);
  const message = {
    type: WEBHOOK_EVENTS[kind],
    timestamp: event.timestamp,
    data: { job, result, lastEventId: encodeCursor(logged) },
  };
  const body = toJson(message);
  if (Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  return toJson({ ...message, data: { ...message.data, result: { truncated: true } } });
}

/** The job as the event left it; fields that only the record has are null if that is gone. */
function describeJob(event: JobEvent, record: JobRecord | null) {
  const told = toldBy(event);
  const read = record === null ? null : readAt(event, record);
  return {
    id: event.jobId,
    projectId: event.projectId,
    workflow: event.workflow ?? record?.state.workflow ?? null,
    taskName: event.taskName,
    title: read?.title ?? null,
    externalId: record?.state.tracked?.externalId ?? null,
    status: told.status,
    attempt: event.attempt,
    maxAttempts: read?.maxAttempts ?? null,
    version: event.version ?? null,
    progress: told.progress,
    step: told.step,
    message: told.message,
    metadata: told.metadata,
    error: told.error,
    result: toldResult(told.result),
    parentId: told.parentId,
    createdAt: toIso(read?.createdAt),
    startedAt: toIso(read?.startedAt),
    finishedAt: toIso(told.finishedAt),
  };
}

function toIso(time: number | null | undefined): string | null {
  return time == null ? null : new Date(time).toISOString();
}
