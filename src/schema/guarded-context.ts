/**
 * Rights, in one place: resolvers reach jobs, commands and events through their context only, and here each of these is
 * held to what the viewer may do. A resolver needs no check of its own, and a new one can't go around it.
 */
import { mayAccess, requireAccess, type Scope, type Viewer } from '../auth/viewer.ts';
import type { ViewerToken } from '../auth/viewer-token.ts';
import type { SchemaContext, ServerContext } from './context.ts';

/**
 * The context of one viewer. What it refuses is NOT_FOUND for a project that is not the viewer's, and FORBIDDEN for a
 * scope that is too low; both without a look at Redis.
 * @param delegate makes a token for a browser, after checks of its own
 */
export function guardContext(
  { commands, jobs, etaOf, queuePosition, openEvents, artifactUrl, inputOf }: ServerContext,
  viewer: Viewer,
  delegate: (viewer: Viewer, projectId: string) => Promise<ViewerToken>,
): SchemaContext {
  /** Async, so that a refusal rejects as every other failure does. */
  const on = async <T>(projectId: string, scope: Scope, work: () => Promise<T>): Promise<T> => {
    requireAccess(viewer, projectId, scope);
    return work();
  };
  return {
    commands: {
      enqueue: (request) => on(request.projectId, 'write', () => commands.enqueue(request)),
      enqueueBatch: (request) => on(request.projectId, 'write', () => commands.enqueueBatch(request)),
      cancel: (projectId, jobId) => on(projectId, 'write', () => commands.cancel(projectId, jobId)),
      retry: (projectId, jobId) => on(projectId, 'write', () => commands.retry(projectId, jobId)),
    },
    jobs: {
      load: (projectId, jobId) => on(projectId, 'read', () => jobs.load(projectId, jobId)),
      loadMany: async (ids) => {
        for (const { projectId } of ids) requireAccess(viewer, projectId, 'read');
        return jobs.loadMany(ids);
      },
      list: (projectId, ...rest) => on(projectId, 'read', () => jobs.list(projectId, ...rest)),
    },
    etaOf: (job) => on(job.projectId, 'read', () => etaOf(job)),
    queuePosition: (job) => on(job.projectId, 'read', () => queuePosition(job)),
    inputOf: (projectId, jobId) =>
      on(projectId, 'read', async () =>
        mayAccess(viewer, projectId, 'write') ? inputOf(projectId, jobId) : null,
      ),
    openEvents: (request) => on(request.projectId, 'read', () => openEvents(request)),
    // A path comes from a job that was read, so it is the viewer's.
    artifactUrl,
    viewer,
    createViewerToken: (projectId) => delegate(viewer, projectId),
  };
}
