/**
 * Rights, in one place: resolvers reach jobs, commands and events through their context only, and here each of these is
 * held to what the viewer may do. A resolver needs no check of its own, and a new one can't go around it. What a viewer of
 * one job reads is held to that job by narrowed-context.ts, which shared delivery uses, too.
 */
import { mayAccess, requireAccess, requireScope, type Scope, type Viewer } from '../auth/viewer.ts';
import type { Delegation, ViewerToken } from '../auth/viewer-token.ts';
import { PlayheadError } from '../core/errors.ts';
import type { SchemaContext, ServerContext, Webhooks } from './context.ts';
import { narrowToJob } from './narrowed-context.ts';

/**
 * The context of one viewer. What it refuses is NOT_FOUND for a project that is not the viewer's, and FORBIDDEN for a
 * scope that is too low; both without a look at Redis.
 * @param delegate makes a token for a browser, after checks of its own
 */
export function guardContext(
  server: ServerContext,
  viewer: Viewer,
  delegate: (viewer: Viewer, asked: Delegation) => Promise<ViewerToken>,
): SchemaContext {
  const { inputOf, linesOf, webhooks } = server;
  const narrowed = viewer.jobId === null ? server : narrowToJob(server, viewer.jobId);
  const { commands, tracked, jobs, etaOf, historyOf, queuePosition, recordOf, openEvents, artifactUrl } =
    narrowed;
  /** Async, so that a refusal rejects as every other failure does. */
  const on = async <T>(projectId: string, scope: Scope, work: () => Promise<T>): Promise<T> => {
    requireAccess(viewer, projectId, scope);
    return work();
  };
  /** For what `narrowed` holds to the viewer's job. */
  const onJob = async <T>(projectId: string, scope: Scope, work: () => Promise<T>): Promise<T> => {
    requireScope(viewer, projectId, scope);
    return work();
  };
  return {
    commands: {
      enqueue: (request) => on(request.projectId, 'write', () => commands.enqueue(request)),
      enqueueBatch: (request) => on(request.projectId, 'write', () => commands.enqueueBatch(request)),
      cancel: (projectId, jobId) => on(projectId, 'write', () => commands.cancel(projectId, jobId)),
      retry: (projectId, jobId) => on(projectId, 'write', () => commands.retry(projectId, jobId)),
      remove: (projectId, jobId) => on(projectId, 'write', () => commands.remove(projectId, jobId)),
    },
    tracked: {
      track: (input) => on(input.projectId, 'report', () => tracked.track(input)),
      reportProgress: (input) => on(input.projectId, 'report', () => tracked.reportProgress(input)),
      reportProgressMany: async (inputs) => {
        for (const { projectId } of inputs) requireAccess(viewer, projectId, 'report');
        return tracked.reportProgressMany(inputs);
      },
      reportError: (input) => on(input.projectId, 'report', () => tracked.reportError(input)),
      reportCompletion: (input) => on(input.projectId, 'report', () => tracked.reportCompletion(input)),
    },
    jobs: {
      load: (projectId, jobId) => onJob(projectId, 'read', () => jobs.load(projectId, jobId)),
      loadMany: async (ids) => {
        for (const { projectId } of ids) requireScope(viewer, projectId, 'read');
        return jobs.loadMany(ids);
      },
      list: (projectId, ...rest) => on(projectId, 'read', () => jobs.list(projectId, ...rest)),
      counts: (projectId, ...rest) => on(projectId, 'read', () => jobs.counts(projectId, ...rest)),
      // Whoever may not see inputs must not learn by a search what is in them either.
      search: (projectId, search, ...rest) =>
        on(projectId, 'read', () =>
          jobs.search(projectId, { ...search, inInput: mayAccess(viewer, projectId, 'write') }, ...rest),
        ),
    },
    recordOf: (projectId, jobId) => onJob(projectId, 'read', () => recordOf(projectId, jobId)),
    historyOf: (request) => onJob(request.projectId, 'read', () => historyOf(request)),
    etaOf: (job) => onJob(job.projectId, 'read', () => etaOf(job)),
    queuePosition: (job) => onJob(job.projectId, 'read', () => queuePosition(job)),
    inputOf: (projectId, jobId) =>
      // Also of a job that a report answers with.
      onJob(projectId, mayAccess(viewer, projectId, 'report') ? 'report' : 'read', async () =>
        mayAccess(viewer, projectId, 'write') ? inputOf(projectId, jobId) : null,
      ),
    linesOf: (request) =>
      onJob(request.projectId, 'read', async () =>
        mayAccess(viewer, request.projectId, 'write') ? linesOf(request) : [],
      ),
    openEvents: (request) => onJob(request.projectId, 'read', () => openEvents(request)),
    webhooks: guardWebhooks(webhooks, on),
    // A path comes from a job that was read, so it is the viewer's.
    artifactUrl,
    viewer,
    createViewerToken: async (asked) => {
      requireAccess(viewer, asked.projectId, asked.scope ?? 'read');
      await requireJob(jobs, asked);
      return delegate(viewer, asked);
    },
  };
}

/** Runs work where the viewer may. */
type Guard = <T>(projectId: string, scope: Scope, work: () => Promise<T>) => Promise<T>;

/** Who may see where events go may send them anywhere: for admins alone. */
function guardWebhooks(webhooks: Webhooks, on: Guard): Webhooks {
  return {
    create: (request) => on(request.projectId, 'admin', () => webhooks.create(request)),
    list: (projectId) => on(projectId, 'admin', () => webhooks.list(projectId)),
    deliveries: (id, first) => on(id.projectId, 'admin', () => webhooks.deliveries(id, first)),
    delete: (projectId, id) => on(projectId, 'admin', () => webhooks.delete(projectId, id)),
    redeliver: (projectId, id) => on(projectId, 'admin', () => webhooks.redeliver(projectId, id)),
    rotate: (projectId, id) => on(projectId, 'admin', () => webhooks.rotate(projectId, id)),
    enable: (projectId, id) => on(projectId, 'admin', () => webhooks.enable(projectId, id)),
  };
}

/** A token of one job is of one that is there. @throws PlayheadError NOT_FOUND */
async function requireJob(
  jobs: Pick<ServerContext['jobs'], 'load'>,
  { projectId, jobId }: Delegation,
): Promise<void> {
  if (jobId === undefined || (await jobs.load(projectId, jobId)) !== null) return;
  throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
}
