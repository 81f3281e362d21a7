/** The ids by which a write that is sent again is recognised. */
import { randomFillSync } from 'node:crypto';

const BYTES = 12;
/** Random bytes for the next ids: drawing them one by one cost as much as all the rest of preparing a write. */
const pool = Buffer.alloc(256 * BYTES);
let drawn = pool.length;

/** The id of a write: 96 random bits, base64url, 16 characters. */
export function newWriteId(): string {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += BYTES;
  return pool.toString('base64url', drawn - BYTES, drawn);
}
