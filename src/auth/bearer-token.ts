/** Checks requests for a token from the configuration. */
import type { IncomingMessage } from 'node:http';
import type { Secret } from '../core/secret.ts';
import { isSame } from '../core/secret.ts';

/** Whether a request's Authorization is this token; takes the same time for any wrong one. */
export function bearsToken({ headers }: Pick<IncomingMessage, 'headers'>, token: Secret): boolean {
  const given = /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return isSame(given, token.reveal());
}
