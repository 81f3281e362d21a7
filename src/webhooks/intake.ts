/**
 * From the log to deliveries: reads what a project's log holds after a webhook's cursor, and makes a delivery of each event
 * that the webhook asks for.
 *
 * The cursor is stored beside the log, in the same slot, and the log is read long before it is trimmed. If nobody has sent for
 * so long that it was trimmed anyway, the endings of jobs are taken from their snapshots (G9) instead.
 */
import type { Clock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { DamagedJob } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import { isEnding, type LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import { deliveryIdOf, toBody, webhookEventOf } from './message.ts';
import { newDelivery, type Webhook } from './webhook.ts';
import type { NewDelivery, WebhookStore } from './webhook-store.ts';

export interface IntakeParts {
  readonly log: Pick<EventLog, 'readAfter' | 'readFrom'>;
  readonly jobs: Pick<JobStore, 'list' | 'loadRecords' | 'lastEvents'>;
  readonly store: WebhookStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Events per read of the log. */
const PAGE = 500;
/** Roughly how much one script call is given: a project's results may be long. */
const MAX_BATCH_BYTES = 1_048_576;
/**
 * With this many deliveries waiting, nothing more is taken: what waits is bounded, and the log keeps the rest. A page may
 * exceed it.
 */
export const MAX_WAITING = 1_000;

/**
 * Takes what the log holds for a webhook, until there is no more or enough is waiting.
 * @param webhook as just read
 */
export async function takeEvents(parts: IntakeParts, webhook: Webhook): Promise<void> {
  const { log, store } = parts;
  let { cursor } = webhook;
  while ((await store.waitingCount(webhook)) < MAX_WAITING) {
    let events: readonly LoggedEvent[];
    try {
      events = await log.readAfter(webhook.projectId, cursor, PAGE);
    } catch (error) {
      if (!(error instanceof PlayheadError && error.code === 'EVENTS_EXPIRED')) throw error;
      // The next turn continues from there.
      return takeFromSnapshots(parts, { ...webhook, cursor });
    }
    const last = events.at(-1);
    if (last === undefined || !(await take(parts, webhook, { from: cursor, events, to: last }))) return;
    cursor = last;
  }
}

interface Stretch {
  readonly from: Position;
  readonly events: readonly LoggedEvent[];
  readonly to: Position;
}

/** @returns false when another sender has taken them */
async function take(
  { clock, jobs, store }: IntakeParts,
  webhook: Webhook,
  { from, events, to }: Stretch,
): Promise<boolean> {
  const { id, projectId } = webhook;
  const wanted = events.flatMap((logged) => {
    const kind = webhookEventOf(logged.event);
    return kind !== null && webhook.events.includes(kind) ? [{ kind, logged }] : [];
  });
  const records = await jobs.loadRecords(
    wanted.map(({ logged: { event } }) => ({ projectId, jobId: event.jobId })),
  );
  let cursor = from;
  let deliveries: NewDelivery[] = [];
  let bytes = 0;
  for (const [at, { kind, logged }] of wanted.entries()) {
    const record = records[at] ?? null;
    const body = toBody(kind, logged, record instanceof DamagedJob ? null : record);
    deliveries.push({ id: deliveryIdOf(id, logged), record: newDelivery(kind, logged.event.jobId), body });
    bytes += body.length;
    if (bytes < MAX_BATCH_BYTES) continue;
    // An event of another history says nothing about what comes after the cursor in its own.
    const behind = logged.epoch === to.epoch ? logged : cursor;
    const stretch = { from: cursor, to: behind, readUntil: timeOf(logged) };
    if (!(await store.take(webhook, stretch, deliveries, clock.now()))) return false;
    cursor = behind;
    deliveries = [];
    bytes = 0;
  }
  const last = events.at(-1);
  const readUntil = last === undefined ? webhook.readUntil : timeOf(last);
  return store.take(webhook, { from: cursor, to, readUntil }, deliveries, clock.now());
}

function timeOf({ event }: LoggedEvent): number {
  return Date.parse(event.timestamp);
}

/**
 * Takes the endings that the log no longer holds from the snapshots of ended jobs, and continues where the log begins now. In
 * the cursor's own history, those after the cursor are missing; in another one, those later than what was read last. One that
 * was delivered already is sent again under the same id.
 */
async function takeFromSnapshots(parts: IntakeParts, webhook: Webhook): Promise<void> {
  const { log, logger, store } = parts;
  const { cursor, id, projectId, readUntil } = webhook;
  const { head, events } = await log.readFrom(projectId, 1, 1);
  const [oldest] = events;
  const isMissing = (event: LoggedEvent): boolean => {
    if (oldest !== undefined && event.epoch === head.epoch && event.seq >= oldest.seq) return false;
    return event.epoch === cursor.epoch ? event.seq > cursor.seq : timeOf(event) > readUntil;
  };
  const missing = (await lastEvents(parts, projectId)).filter(isMissing);
  logger.warn({ projectId, webhookId: id, endings: missing.length }, 'endings are taken from snapshots');
  const [same, other] = [true, false].map((isSame) =>
    missing.filter(({ epoch }) => (epoch === cursor.epoch) === isSame),
  );
  same?.sort((one, next) => one.seq - next.seq);
  other?.sort((one, next) => timeOf(one) - timeOf(next));
  let from = cursor;
  for (const ending of [...(same ?? []), ...(other ?? [])]) {
    if ((await store.waitingCount(webhook)) >= MAX_WAITING) return;
    const to = ending.epoch === cursor.epoch ? ending : from;
    if (!(await take(parts, webhook, { from, events: [ending], to }))) return;
    from = to;
  }
  await take(parts, webhook, { from, events: oldest === undefined ? [] : [oldest], to: oldest ?? head });
}

const ENDED = { statuses: ['COMPLETED', 'FAILED', 'CANCELLED'], items: true } as const;

/** The endings of all jobs of a project that have ended. */
async function lastEvents({ jobs }: IntakeParts, projectId: string): Promise<readonly LoggedEvent[]> {
  const endings: LoggedEvent[] = [];
  let before: string | null = null;
  do {
    const ids: readonly string[] = await jobs.list(projectId, ENDED, before, PAGE);
    const found = await jobs.lastEvents(projectId, ids);
    endings.push(...found.filter((event) => event !== null).filter(({ event }) => isEnding(event)));
    before = ids.length < PAGE ? null : (ids.at(-1) ?? null);
  } while (before !== null);
  return endings;
}
