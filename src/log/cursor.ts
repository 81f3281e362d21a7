/** The opaque cursor `epoch.seq.hash`: a position in a project's log, which proves its own history. Pure. */
import { badInput } from '../core/errors.ts';
import type { Position } from '../progress/position.ts';

const FORM = /^([A-Za-z0-9_-]{8,32})\.(\d{1,15})\.([A-Za-z0-9_-]{8,32})$/;

/** Encodes a position as the id of its event; URL-safe, at most 110 characters. */
export function encodeCursor(position: Position): string {
  return Buffer.from(`${position.epoch}.${position.seq}.${position.hash}`).toString('base64url');
}

/**
 * Decodes a cursor from a client.
 * @throws PlayheadError BAD_USER_INPUT when it is not one that `encodeCursor` could have made
 */
export function decodeCursor(cursor: string, field = 'after'): Position {
  const match = cursor.length <= 128 ? FORM.exec(Buffer.from(cursor, 'base64url').toString('latin1')) : null;
  const [, epoch, seq, hash] = match ?? [];
  if (epoch !== undefined && seq !== undefined && hash !== undefined && Number(seq) >= 1) {
    const position = { epoch, seq: Number(seq), hash };
    // Node's base64url decoder skips characters that it does not know, so check that the position encodes to the same cursor.
    if (encodeCursor(position) === cursor) return position;
  }
  throw badInput(field, 'the id of an event (or a job’s lastEventId), unchanged', cursor);
}
