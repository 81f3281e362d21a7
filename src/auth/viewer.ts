/**
 * Who sends a request, and what they may do. Pure. Rights are decided from the credential alone, before Redis is read, so
 * neither the answer nor its timing reveals whether a foreign project exists.
 */
import { PlayheadError } from '../core/errors.ts';

/** From least to most; INCLUDED says what each permits. Only `admin` may be given for all projects. */
export const SCOPES = ['report', 'read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a scope permits in addition to itself. `report` is for tasks that run elsewhere: it reads nothing. */
const INCLUDED: Readonly<Record<Scope, readonly Scope[]>> = {
  report: [],
  read: [],
  write: ['report', 'read'],
  admin: ['report', 'read', 'write'],
};

function includes(given: Scope, needed: Scope): boolean {
  return given === needed || INCLUDED[given].includes(needed);
}

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
  /** The only job that it reads; null: every job of its projects. */
  readonly jobId: string | null;
  /** Names the credential in limits and logs; holds no secret. */
  readonly id: string;
  /** The credentials whose revocation ends this one: itself, and the one that it was made with. */
  readonly credentials: readonly string[];
  /** Whether it may make tokens for browsers; those themselves may not, or they would never end. */
  readonly mayDelegate: boolean;
}

/** Everybody, if no authentication is set up. */
export const OPEN_VIEWER: Viewer = {
  id: 'open',
  jobId: null,
  credentials: [],
  projects: '*',
  scope: 'admin',
  expiresAt: null,
  mayDelegate: true,
};

/**
 * Holds a viewer to its rights in a whole project.
 * @throws PlayheadError NOT_FOUND for a project that is not the viewer's, whether it exists or not; FORBIDDEN when it is the
 *   viewer's but the scope is too low, or the viewer reads only one job of it
 */
export function requireAccess(viewer: Viewer, projectId: string, scope: Scope): void {
  requireScope(viewer, projectId, scope);
  if (viewer.jobId !== null) {
    throw new PlayheadError(
      'FORBIDDEN',
      `credential: expected one for the whole project, received one for job ${viewer.jobId}`,
    );
  }
}

/**
 * Holds a viewer to its rights to one job.
 * @throws PlayheadError as `requireAccess`; NOT_FOUND for any job but the only one that the viewer reads, whether it exists or
 *   not
 */
export function requireJobAccess(
  viewer: Viewer,
  { projectId, jobId }: { readonly projectId: string; readonly jobId: string },
  scope: Scope,
): void {
  requireScope(viewer, projectId, scope);
  if (!mayReach(viewer, jobId)) {
    throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} for this token`);
  }
}

/** Whether the viewer may reach a job of one of its projects. */
export function mayReach(viewer: Pick<Viewer, 'jobId'>, jobId: string): boolean {
  return viewer.jobId === null || viewer.jobId === jobId;
}

/**
 * Holds a viewer only to its projects and its scope: whatever is then read must be held to its job, too (`mayReach`).
 * @throws PlayheadError NOT_FOUND, FORBIDDEN as `requireAccess`
 */
export function requireScope(viewer: Viewer, projectId: string, scope: Scope): void {
  if (viewer.projects !== '*' && !viewer.projects.includes(projectId)) {
    throw new PlayheadError('NOT_FOUND', `There is no project ${projectId} for this token`);
  }
  if (!includes(viewer.scope, scope)) {
    throw new PlayheadError('FORBIDDEN', `scope: expected ${scope}, received ${viewer.scope}`, {
      details: { scope },
    });
  }
}

/** Whether a viewer has this right in a whole project; `requireAccess` says what is missing. */
export function mayAccess(viewer: Viewer, projectId: string, scope: Scope): boolean {
  const isOwn = viewer.projects === '*' || viewer.projects.includes(projectId);
  return isOwn && viewer.jobId === null && includes(viewer.scope, scope);
}

/** Whether a credential has expired. */
export function hasExpired({ expiresAt }: Grant, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
