/** What a stretch read from a log says about the events after a position (G2). Pure. */
import { createHash } from 'node:crypto';
import { PlayheadError } from '../core/errors.ts';
import { METERS } from '../core/meters.ts';
import type { LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';

/** A stretch of a log, and the log's end when it was read. */
export interface LogPage {
  readonly head: Position;
  readonly events: readonly LoggedEvent[];
}

/**
 * The events after `position` in a page that was read from its seq, or from an earlier one. Pure.
 * @throws PlayheadError EVENTS_EXPIRED unless the page proves that the position belongs to this history (G2)
 */
export function eventsBehind(position: Position, page: LogPage): readonly LoggedEvent[] {
  return (position.seq === 0 ? wholeLog(position, page) : behindOwnEntry(position, page)) ?? refuse();
}

function wholeLog(position: Position, { head, events }: LogPage): readonly LoggedEvent[] | null {
  const sameHistory = position.epoch === '' || position.epoch === head.epoch;
  const first = events[0];
  const complete = head.seq === 0 || first?.seq === 1 || first?.hash === firstHashOf(head.epoch);
  return sameHistory && complete ? events : null;
}

/** The hash of a history's first event, which is number 1 unless append.lua began it after the log of a lost one. */
function firstHashOf(epoch: string): string {
  return createHash('sha1').update(epoch).digest('hex').slice(0, 24);
}

function behindOwnEntry(position: Position, { head, events }: LogPage): readonly LoggedEvent[] | null {
  if (position.epoch !== head.epoch) return null;
  const index = events.findIndex(({ seq }) => seq >= position.seq);
  const own = events[index];
  if (own?.seq === position.seq) return own.hash === position.hash ? events.slice(index + 1) : null;
  // The position's own entry has been trimmed: continuity can still be proven if nothing came after it.
  return own === undefined && position.seq === head.seq && position.hash === head.hash ? [] : null;
}

function refuse(): never {
  throw expired();
}

/** The error that ends a stream whose history can't be continued (G2). */
export function expired(): PlayheadError {
  METERS.eventsExpired.add(1);
  return new PlayheadError(
    'EVENTS_EXPIRED',
    'The events behind this cursor are no longer known (trimmed, lost or rolled back); subscribe again without after',
  );
}
