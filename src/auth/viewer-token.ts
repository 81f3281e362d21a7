/** Tokens for browsers and for tasks: to read or to report, for one project or one job of it; made by createViewerToken and signed by this server. */
import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import { unauthenticated } from './token-issuer.ts';
import type { Viewer } from './viewer.ts';

/** Distinguishes them from tokens of other issuers before anything is checked; they are checked with a key of their own. */
const TYPE = 'playhead-viewer+jwt';
/** Tokens for one job have a type of their own: servers that do not know them would take them for tokens of the whole project. */
const JOB_TYPE = 'playhead-job+jwt';
const ALGORITHM = 'HS256';

/** What such a token may permit. */
const DELEGATED = ['read', 'report'] as const;
export type DelegatedScope = (typeof DELEGATED)[number];

/** What createViewerToken is asked to make. */
export interface Delegation {
  readonly projectId: string;
  /** The only job that it reads; left out: every job of the project. */
  readonly jobId?: string | undefined;
  /** Default: `read`. */
  readonly scope?: DelegatedScope | undefined;
  /** From 60 to the lifetime of such tokens (PLAYHEAD_VIEWER_TOKEN_MINUTES), which is the default; for one job, to 30 days. */
  readonly lifetimeSeconds?: number | undefined;
}

export interface ViewerToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const claims = z.object({
  jti: z.string(),
  exp: z.number(),
  project: z.string(),
  /** Only in tokens for one job. */
  job: z.string().optional(),
  /** Left out by earlier versions, whose tokens are for reading. */
  scope: z.enum(DELEGATED).default('read'),
  /** Credentials of the viewer that made it. */
  from: z.array(z.string()),
});

/** Whether a token claims to be one of these. */
export function isViewerToken(token: string): boolean {
  try {
    const { typ } = decodeProtectedHeader(token);
    return typ === TYPE || typ === JOB_TYPE;
  } catch {
    return false;
  }
}

/** The name under which a token is revoked, by its own unchecked claims; null: it is not one of these. */
export function credentialOfViewerToken(token: string): string | null {
  if (!isViewerToken(token)) return null;
  const { jti } = decodeJwt(token);
  return jti === undefined ? null : credentialOf(jti);
}

function credentialOf(jti: string): string {
  return `viewer:${jti}`;
}

/** Makes a token. It ends with the credential that it is made with, when that expires or is revoked. */
export async function issueViewerToken(
  key: Uint8Array,
  clock: Clock,
  {
    maker,
    projectId,
    jobId,
    lifeMs,
    scope,
  }: {
    readonly maker: Viewer;
    readonly projectId: string;
    readonly jobId: string | null;
    readonly lifeMs: number;
    readonly scope: DelegatedScope;
  },
): Promise<ViewerToken> {
  const now = clock.now();
  // Whole seconds, as JWTs have them, and never beyond the maker's own end.
  const until = Math.floor(Math.min(now + lifeMs, maker.expiresAt ?? Number.POSITIVE_INFINITY) / 1_000);
  const claimed = { project: projectId, ...(jobId !== null && { job: jobId }), scope };
  const token = await new SignJWT({ ...claimed, from: [...maker.credentials] })
    .setProtectedHeader({ alg: ALGORITHM, typ: jobId === null ? TYPE : JOB_TYPE })
    .setJti(randomUUID())
    .setIssuedAt(Math.floor(now / 1_000))
    .setExpirationTime(until)
    .sign(key);
  return { token, expiresAt: until * 1_000 };
}

/** @throws PlayheadError UNAUTHENTICATED */
export async function readViewerToken(key: Uint8Array, clock: Clock, token: string): Promise<Viewer> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      currentDate: new Date(clock.now()),
    });
    const { jti, exp, project, job, scope, from } = claims.parse(payload);
    // Whatever the claims say, the type decides how much it gives access to.
    if (protectedHeader.typ !== (job === undefined ? TYPE : JOB_TYPE)) {
      throw new TypeError(`typ: expected that of the claims, received ${protectedHeader.typ}`);
    }
    const credential = credentialOf(jti);
    return {
      id: credential,
      jobId: job ?? null,
      credentials: [credential, ...from],
      projects: [project],
      scope,
      expiresAt: exp * 1_000,
      mayDelegate: false,
    };
  } catch (error) {
    throw unauthenticated('The token is not valid, or has expired', error);
  }
}
