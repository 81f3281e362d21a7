/**
 * Rights, in one place: resolvers reach jobs, commands and events only through their context, and here each of these is
 * restricted to what the viewer may do. A resolver needs no check of its own, and a new one cannot bypass this.
 * narrowed-context.ts, which shared delivery also uses, restricts a viewer of one job to that job.
 */
import { mayAccess, requireAccess, requireScope, type Scope, type Viewer } from '../auth/viewer.ts';
import type { Delegation, ViewerToken } from '../auth/viewer-token.ts';
import { PlayheadError } from '../core/errors.ts';
import type { SchemaContext, ServerContext, Webhooks } from './context.ts';
import { narrowToJob } from './narrowed-context.ts';

/**
 * The context of one viewer. It refuses with NOT_FOUND for a project that is not the viewer's, and with FORBIDDEN for a scope
 * that is too low; both without consulting Redis.
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
  /** Async, so that a refusal rejects like every other failure. */
  const on = async <T>(projectId: string, scope: Scope, work: () => Promise<T>): Promise<T> => {
    requireAccess(viewer, projectId, scope);
    return work();
  };
  /** For what `narrowed` restricts to the viewer's job. */
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
      // Viewers who may not see inputs must not learn their contents by searching either.
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
      // Also for a job that is the answer to a report.
      onJob(projectId, mayAccess(viewer, projectId, 'report') ? 'report' : 'read', async () =>
        mayAccess(viewer, projectId, 'write') ? inputOf(projectId, jobId) : null,
      ),
    linesOf: (request) =>
      onJob(request.projectId, 'read', async () =>
        mayAccess(viewer, request.projectId, 'write') ? linesOf(request) : [],
      ),
    openEvents: (request) => onJob(request.projectId, 'read', () => openEvents(request)),
    webhooks: guardWebhooks(webhooks, on),
    // A path comes from a job that the viewer was allowed to read.
    artifactUrl,
    viewer,
    createViewerToken: async (asked) => {
      requireAccess(viewer, asked.projectId, asked.scope ?? 'read');
      await requireJob(jobs, asked);
      return delegate(viewer, asked);
    },
  };
}

/** Runs the work if the viewer may do it. */
type Guard = <T>(projectId: string, scope: Scope, work: () => Promise<T>) => Promise<T>;

/** For admins only: whoever may see where events go may send them anywhere. */
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

/** A token for one job requires the job to exist. @throws PlayheadError NOT_FOUND */
async function requireJob(
  jobs: Pick<ServerContext['jobs'], 'load'>,
  { projectId, jobId }: Delegation,
): Promise<void> {
  if (jobId === undefined || (await jobs.load(projectId, jobId)) !== null) return;
  throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
}
