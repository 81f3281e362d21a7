/**
 * Who uses the page.
 *
 *   asking   asking the server whether it requires a credential, and what the stored one allows
 *   open     none is required
 *   in       a token is valid
 *   out      a token is needed: none was given, or it is no longer valid. What was shown until then is kept below the
 *            sign-in, and resumes after the last event; only signing out leaves it.
 */
import { credential } from '../api/credential.ts';
import { RequestError, requestAs } from '../api/request.ts';
import { ViewerDocument, type ViewerQuery } from '../generated/graphql.ts';
import { sharedJob, sharedToken, watchShareLinks } from './share.ts';
import { forgetToken, keepToken, readToken, watchToken } from './token-store.ts';
import { createValue, useValue, type Value } from './value.ts';

export type Grant = ViewerQuery['viewer'];

/** Why a token is requested again: it has expired, it was revoked, or the stored one was rejected. */
export type EndReason = 'ended' | 'revoked' | 'refused';

export type Session =
  | { readonly name: 'asking' }
  | { readonly name: 'open' }
  | { readonly name: 'in'; readonly grant: Grant; readonly onDevice: boolean }
  | {
      readonly name: 'out';
      readonly reason: EndReason | null;
      /** When the token expired, if known; ms since the epoch. */
      readonly endedAt: number | null;
      /** The rights of the page that is kept below; null: there is none. */
      readonly below: Grant | null;
    };

/** Why a token was rejected. `code` is the server's, or NETWORK. */
export interface SignInFault {
  readonly code: string;
  readonly message: string;
  /** When the token expired, according to itself; ms since the epoch. */
  readonly endedAt: number | null;
}

/** Without authentication, and until the server has answered: everything. */
const OPEN_GRANT: Grant = { scope: 'ADMIN', projects: null, jobId: null, expiresAt: null };
const ASK_AGAIN_MS = 3_000;

export const session: Value<Session> = createValue<Session>({ name: 'asking' });

/** Tries the token of the link that opened the page, or the stored one. */
export function beginSession(): void {
  credential.onRefused = endSession;
  watchShareLinks();
  if (sharedToken !== null) {
    void enter({ token: sharedToken, onDevice: false });
    return;
  }
  watchToken((token) => {
    const { name } = session.get();
    if (token === null && name === 'in') leaveIfForgotten();
    else if (token !== null && name === 'out') void signIn(token, true);
  });
  void enter(readToken());
}

/** @returns why the token was rejected; null: it was accepted */
export async function signIn(token: string, onDevice: boolean): Promise<SignInFault | null> {
  try {
    const { viewer } = await requestAs(token, ViewerDocument, {});
    keepToken({ token, onDevice });
    credential.token = token;
    session.set({ name: 'in', grant: viewer, onDevice });
    return null;
  } catch (error) {
    const { code, message } = asRequestError(error);
    return { code, message, endedAt: endedAtOf(token) };
  }
}

/** Leaves the page and forgets the token, also on this device. */
export function signOut(): void {
  if (credential.token !== null) forgetToken(credential.token);
  credential.token = null;
  session.set({ name: 'out', reason: null, endedAt: null, below: null });
}

/** Call when the server no longer accepts a token. If it is not the current one, it has been replaced already. */
export function endSession(token: string | null): void {
  const now = session.get();
  if (token !== credential.token || now.name === 'out' || now.name === 'asking') return;
  const below = grantOf(now);
  const until = below.expiresAt === null ? null : Date.parse(below.expiresAt);
  const isOver = until !== null && until <= Date.now() + CLOCK_SLACK_MS;
  if (token !== null) forget(token);
  credential.token = null;
  const reason = token === null ? null : isOver ? 'ended' : 'revoked';
  session.set({ name: 'out', reason, endedAt: isOver ? until : null, below });
}

/** The clocks of server and browser may differ by a few seconds. */
const CLOCK_SLACK_MS = 5_000;

/** Resolves to the token to continue with, as soon as there is one; null: none is needed. */
export function presentToken(): Promise<string | null> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { name } = session.get();
      if (name !== 'in' && name !== 'open') return;
      leave();
      resolve(credential.token);
    };
    const leave = session.subscribe(look);
    look();
  });
}

/** The rights on the displayed page. */
export function useGrant(): Grant {
  return grantOf(useValue(session));
}

export function mayOpen(grant: Grant, projectId: string): boolean {
  return grant.projects === null || grant.projects.includes(projectId);
}

export function mayWrite(grant: Grant): boolean {
  return grant.scope !== 'READ';
}

/** Whether webhooks may be created and viewed. */
export function mayAdminister(grant: Grant): boolean {
  return grant.scope === 'ADMIN';
}

function grantOf(now: Session): Grant {
  if (now.name === 'in') return now.grant;
  return now.name === 'out' ? (now.below ?? OPEN_GRANT) : OPEN_GRANT;
}

async function enter(kept: ReturnType<typeof readToken>): Promise<void> {
  const token = kept?.token ?? null;
  try {
    const { viewer } = await requestAs(token, ViewerDocument, {});
    credential.token = token;
    session.set(kept === null ? { name: 'open' } : { name: 'in', grant: viewer, onDevice: kept.onDevice });
  } catch (error) {
    if (asRequestError(error).code !== 'UNAUTHENTICATED') askAgain(kept);
    else if (session.get().name === 'asking') refuseAtStart(token);
    else endSession(token);
  }
}

function refuseAtStart(token: string | null): void {
  const endedAt = token === null ? null : endedAtOf(token);
  if (token !== null) forget(token);
  const reason = token === null ? null : endedAt === null ? 'refused' : 'ended';
  session.set({ name: 'out', reason, endedAt, below: null });
}

/** A link's token was never stored, so a stored token is not forgotten for it. */
function forget(token: string): void {
  if (token !== sharedToken) forgetToken(token);
}

/** The server cannot be asked: the page starts as it was last, shows that it is offline, and is corrected by the answer. */
function askAgain(kept: ReturnType<typeof readToken>): void {
  if (session.get().name === 'asking') {
    credential.token = kept?.token ?? null;
    session.set(
      kept === null ? { name: 'open' } : { name: 'in', grant: likelyGrant(), onDevice: kept.onDevice },
    );
  }
  setTimeout(() => {
    if (credential.token === (kept?.token ?? null) && session.get().name !== 'out') void enter(kept);
  }, ASK_AGAIN_MS);
}

/** What a token probably allows, until the server has answered. */
function likelyGrant(): Grant {
  const shared = sharedJob();
  if (shared === null) return OPEN_GRANT;
  return { scope: 'READ', projects: [shared.projectId], jobId: shared.jobId, expiresAt: null };
}

/** Another tab has signed out: this one does too, unless it has its own token. */
function leaveIfForgotten(): void {
  const now = session.get();
  if (now.name === 'in' && now.onDevice) signOut();
}

function asRequestError(error: unknown): Pick<RequestError, 'code' | 'message'> {
  return error instanceof RequestError ? error : { code: 'INTERNAL', message: String(error) };
}

/** When a JSON Web Token expired, according to itself, in ms since the epoch; null: it has not, or it is an API key. */
function endedAtOf(token: string): number | null {
  const [, payload = ''] = token.split('.');
  try {
    const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const { exp } = JSON.parse(text) as { exp?: unknown };
    return typeof exp === 'number' && exp * 1000 <= Date.now() ? exp * 1000 : null;
  } catch {
    return null;
  }
}
