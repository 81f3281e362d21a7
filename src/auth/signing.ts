/** Keys for one purpose each, derived from PLAYHEAD_AUTH_SECRET: what is signed for one can't be used for another. */
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from '../core/secret.ts';

type Purpose = 'viewer-token' | 'file-link';

/** The key for a purpose, by HKDF-SHA256 (RFC 5869). */
export function deriveKey(secret: Secret, purpose: Purpose): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret.reveal(), 'playhead', purpose, 32));
}

/** A secret for a process that does not need a lasting one. */
export function randomSecret(): Secret {
  return new Secret(randomBytes(32).toString('base64url'));
}

/** HMAC-SHA256 in base64url. */
export function sign(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}

/** SHA-256 in base64url: enough to keep a random secret, which nobody can guess. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
