/**
 * Who asks, and what they may do. Pure. Rights are decided from the credential alone, before any look at Redis: whether a
 * foreign project exists can therefore be told neither from the answer nor from its time.
 */
import { PlayheadError } from '../core/errors.ts';

/** From least to most: each includes those before it. `admin` alone may be given for all projects. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a credential allows. */
export interface Grant {
  /** Project ids, or `*` for all. */
  readonly projects: '*' | readonly string[];
  /** The highest one given. */
  readonly scope: Scope;
  /** Milliseconds since the epoch; null: until it is revoked. */
  readonly expiresAt: number | null;
}

export interface Viewer extends Grant {
  /** Names the credential in limits and logs; holds no secret. */
  readonly id: string;
  /** The credentials whose revocation ends this one: itself, and the one that it was made with. */
  readonly credentials: readonly string[];
  /** Whether it may make tokens for browsers; those themselves may not, or they would never end. */
  readonly mayDelegate: boolean;
}

/** Everybody, where no authentication is set. */
export const OPEN_VIEWER: Viewer = {
  id: 'open',
  credentials: [],
  projects: '*',
  scope: 'admin',
  expiresAt: null,
  mayDelegate: true,
};

/**
 * Holds a viewer to its rights.
 * @throws PlayheadError NOT_FOUND for a project that is not the viewer's, whether it exists or not; FORBIDDEN when it is
 *   the viewer's but the scope is too low
 */
export function requireAccess(viewer: Viewer, projectId: string, scope: Scope): void {
  if (viewer.projects !== '*' && !viewer.projects.includes(projectId)) {
    throw new PlayheadError('NOT_FOUND', `There is no project ${projectId} for this token`);
  }
  if (SCOPES.indexOf(viewer.scope) < SCOPES.indexOf(scope)) {
    throw new PlayheadError('FORBIDDEN', `scope: expected ${scope}, received ${viewer.scope}`, {
      details: { scope },
    });
  }
}

/** Whether a viewer has this right; `requireAccess` says what is missing. */
export function mayAccess(viewer: Viewer, projectId: string, scope: Scope): boolean {
  const isOwn = viewer.projects === '*' || viewer.projects.includes(projectId);
  return isOwn && SCOPES.indexOf(viewer.scope) >= SCOPES.indexOf(scope);
}

/** Whether a credential has run out. */
export function hasExpired({ expiresAt }: Grant, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
