/**
 * From a bearer credential to a viewer. Three kinds: API keys (`ph_…`), tokens for browsers that this server made, and JSON Web
 * Tokens of your own login if they are set up. Whatever is wrong with a credential, the error is UNAUTHENTICATED.
 */
import type { JWTPayload } from 'jose';
import type { Clock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { withDeadline } from '../redis/client.ts';
import { parseApiKey } from './api-key.ts';
import { type CredentialStore, keyCredential } from './credential-store.ts';
import { readGrantClaims } from './grant-claims.ts';
import { deriveKey, digest } from './signing.ts';
import { TokenIssuer, type TokenSettings, unauthenticated } from './token-issuer.ts';
import { OPEN_VIEWER, requireAccess, type Viewer } from './viewer.ts';
import {
  type Delegation,
  issueViewerToken,
  isViewerToken,
  readViewerToken,
  type ViewerToken,
} from './viewer-token.ts';

/** What a header holds at most; a token with 200 projects takes about 17 KB. */
const CREDENTIAL_LIMIT_CHARS = 32_768;

interface AuthenticationParts {
  /** Null: no authentication is set up, and everybody is the open viewer. */
  readonly store: CredentialStore | null;
  readonly secret: Secret;
  /** Null: only API keys, and tokens made with them. */
  readonly tokens: TokenSettings | null;
  readonly viewerTokenMs: number;
  readonly clock: Clock;
}

export class Authentication {
  readonly #parts: AuthenticationParts;
  readonly #viewerTokenKey: Uint8Array;
  readonly #issuer: TokenIssuer | null;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
    this.#viewerTokenKey = deriveKey(parts.secret, 'viewer-token');
    this.#issuer = parts.tokens === null ? null : new TokenIssuer(parts.tokens, parts.clock);
  }

  /** Whether credentials are required. */
  get isOn(): boolean {
    return this.#parts.store !== null;
  }

  /**
   * @param authorization `Bearer CREDENTIAL`, as in the header Authorization and in WebSocket's connectionParams
   * @throws PlayheadError UNAUTHENTICATED (none, faulty, expired, revoked); UNAVAILABLE when that can't be looked up
   */
  async authenticate(authorization: unknown): Promise<Viewer> {
    const { store } = this.#parts;
    if (store === null) return OPEN_VIEWER;
    const credential = readBearer(authorization);
    const key = parseApiKey(credential);
    if (key === null) return this.#requireAlive(store, await this.#readToken(credential));
    const record = await withDeadline(store.findKey(key));
    if (record === null) throw unauthenticated('The API key is unknown, has expired or was revoked');
    const { id, projects, scope, expiresAt } = record;
    const own = keyCredential(id);
    return { id: own, jobId: null, credentials: [own], projects, scope, expiresAt, mayDelegate: true };
  }

  /**
   * Makes a token of one project, or of one job of it, for a browser, or for a task that reports.
   * @throws PlayheadError NOT_FOUND (not the viewer's project), FORBIDDEN (made with such a token), BAD_USER_INPUT (its
   *   lifetime)
   */
  async delegate(maker: Viewer, asked: Delegation): Promise<ViewerToken> {
    const { projectId, jobId = null, scope = 'read' } = asked;
    requireAccess(maker, projectId, scope);
    if (!maker.mayDelegate) {
      throw new PlayheadError('FORBIDDEN', 'credential: expected an API key or a token of your login');
    }
    const { clock, viewerTokenMs } = this.#parts;
    const mostMs = jobId === null ? viewerTokenMs : Math.max(viewerTokenMs, MAX_SHARED_MS);
    const lifeMs = parseLifetime(asked.lifetimeSeconds, viewerTokenMs, mostMs);
    return issueViewerToken(this.#viewerTokenKey, clock, { maker, projectId, jobId, scope, lifeMs });
  }

  async #readToken(token: string): Promise<Viewer> {
    if (isViewerToken(token)) return readViewerToken(this.#viewerTokenKey, this.#parts.clock, token);
    if (this.#issuer === null) throw unauthenticated('The token is not valid');
    return toViewer(token, await this.#issuer.verify(token));
  }

  async #requireAlive(store: CredentialStore, viewer: Viewer): Promise<Viewer> {
    const alive = await withDeadline(Promise.all(viewer.credentials.map((name) => store.isAlive(name))));
    if (alive.includes(false)) throw unauthenticated('The token was revoked');
    return viewer;
  }
}

/** How long a token of one job is valid at most: it gives away little, and is sent to people who may open it days later. */
const MAX_SHARED_MS = 30 * 24 * 3_600_000;
const MIN_LIFETIME_SECONDS = 60;

/** @throws PlayheadError BAD_USER_INPUT */
function parseLifetime(seconds: number | undefined, defaultMs: number, mostMs: number): number {
  if (seconds === undefined) return defaultMs;
  const most = mostMs / 1_000;
  if (seconds < MIN_LIFETIME_SECONDS || seconds > most) {
    const expected = `a whole number of seconds from ${MIN_LIFETIME_SECONDS} to ${most}`;
    throw badInput('lifetimeSeconds', expected, seconds);
  }
  return seconds * 1_000;
}

function readBearer(authorization: unknown): string {
  const given = typeof authorization === 'string' && authorization.length <= CREDENTIAL_LIMIT_CHARS;
  const credential = given ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  if (credential === undefined)
    throw unauthenticated('authorization: expected Bearer and a token or API key');
  return credential;
}

function toViewer(token: string, payload: JWTPayload): Viewer {
  const grant = readGrantClaims(payload);
  if (grant === null || payload.exp === undefined) {
    throw unauthenticated(
      'The token’s claims: expected projects (a list; * for admins only) and scope (read, write or admin)',
    );
  }
  return {
    // A holder of two tokens has twice the limit; a claim that the issuer fills could hold anything.
    id: `jwt:${digest(token).slice(0, 22)}`,
    jobId: null,
    credentials: payload.jti === undefined ? [] : [`jwt:${payload.jti}`],
    ...grant,
    expiresAt: payload.exp * 1_000,
    mayDelegate: true,
  };
}
