/** The form of an event on the project's Pub/Sub channel, which feeds also keep in memory. Pure. */
import type { JobEvent, LoggedEvent } from '../progress/events.ts';

/** A Pub/Sub message: the event and the hash of the one before it. */
export interface LiveMessage extends LoggedEvent {
  readonly previousHash: string;
}

/** Parses what append.lua publishes: `epoch seq hash previousHash json`. @returns null for anything else */
export function parseLiveMessage(message: string): LiveMessage | null {
  const match = /^(\S+) (\d+) (\S+) (\S*) /.exec(message);
  if (match === null) return null;
  const [prefix, epoch = '', seq = '', hash = '', previousHash = ''] = match;
  try {
    const event = JSON.parse(message.slice(prefix.length)) as JobEvent;
    return { epoch, seq: Number(seq), hash, previousHash, event };
  } catch {
    return null;
  }
}

/** Writes an event as it is published, but without the hash before it, which readers from memory don't need. */
export function toMessage({ epoch, seq, hash, event }: LoggedEvent): string {
  return `${epoch} ${seq} ${hash}  ${JSON.stringify(event)}`;
}
