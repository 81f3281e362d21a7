/** Tells whether two requests with the same idempotency key ask for the same thing. */
import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';

/**
 * The fingerprint of a request as it was accepted: parsed, so with its defaults. The order of fields makes no difference.
 * @param accepted plain JSON
 */
export function fingerprintOf(accepted: object): string {
  return createHash('sha256').update(stringify(accepted)).digest('base64url');
}
