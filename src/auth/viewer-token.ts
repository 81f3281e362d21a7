/** Tokens for browsers: read-only, for one project, soon over; made by createViewerToken and signed by this server. */
import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { unauthenticated } from './token-issuer.ts';
import type { Viewer } from './viewer.ts';

/** Tells them from tokens of other issuers before anything is checked; they are checked with a key of their own. */
const TYPE = 'playhead-viewer+jwt';
const ALGORITHM = 'HS256';

export interface ViewerToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const claims = z.object({
  jti: z.string(),
  exp: z.number(),
  project: z.string(),
  /** Credentials of the viewer that made it. */
  from: z.array(z.string()),
});

/** Whether a token says that it is one of these. */
export function isViewerToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === TYPE;
  } catch {
    return false;
  }
}

/** Makes a token. It ends with the credential that it is made with: when that runs out or is revoked. */
export async function issueViewerToken(
  key: Uint8Array,
  clock: Clock,
  {
    maker,
    projectId,
    lifeMs,
  }: { readonly maker: Viewer; readonly projectId: string; readonly lifeMs: number },
): Promise<ViewerToken> {
  const now = clock.now();
  // Whole seconds, as JWTs have them, and never beyond the maker's own end.
  const until = Math.floor(Math.min(now + lifeMs, maker.expiresAt ?? Number.POSITIVE_INFINITY) / 1_000);
  const token = await new SignJWT({ project: projectId, from: [...maker.credentials] })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setJti(randomUUID())
    .setIssuedAt(Math.floor(now / 1_000))
    .setExpirationTime(until)
    .sign(key);
  return { token, expiresAt: until * 1_000 };
}

/** @throws PlayheadError UNAUTHENTICATED */
export async function readViewerToken(key: Uint8Array, clock: Clock, token: string): Promise<Viewer> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      currentDate: new Date(clock.now()),
    });
    const { jti, exp, project, from } = claims.parse(payload);
    const credential = `viewer:${jti}`;
    return {
      id: credential,
      credentials: [credential, ...from],
      projects: [project],
      scope: 'read',
      expiresAt: exp * 1_000,
      mayDelegate: false,
    };
  } catch (error) {
    throw unauthenticated('The token is not valid, or has expired', error);
  }
}
