/**
 * A context that reads only one job, for tokens made for one (createViewerToken with a jobId). It holds no viewer, so everybody
 * who watches that job with such a token can share its results.
 *
 *   the job, its record, history, events    unchanged
 *   other jobs by their id                  unknown: null, and so are a batch's items and an item's batch
 *   events of other jobs                    NOT_FOUND
 *   anything about the whole project        FORBIDDEN
 */
import { mayReach } from '../auth/viewer.ts';
import { PlayheadError } from '../core/errors.ts';
import type { ProcessContext } from './context.ts';

export function narrowToJob(whole: ProcessContext, jobId: string): ProcessContext {
  const { jobs } = whole;
  const isOwn = (id: string): boolean => mayReach({ jobId }, id);
  const refuse = async (): Promise<never> => {
    throw new PlayheadError(
      'FORBIDDEN',
      `credential: expected one for the whole project, received one for job ${jobId}`,
    );
  };
  const onJob = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    if (!isOwn(id)) throw new PlayheadError('NOT_FOUND', `There is no job ${id} for this token`);
    return work();
  };
  return {
    commands: { enqueue: refuse, enqueueBatch: refuse, cancel: refuse, retry: refuse, remove: refuse },
    tracked: {
      track: refuse,
      reportProgress: refuse,
      reportProgressMany: refuse,
      reportError: refuse,
      reportCompletion: refuse,
    },
    jobs: {
      load: async (projectId, id) => (isOwn(id) ? jobs.load(projectId, id) : null),
      loadMany: async (ids) => {
        const found = await jobs.loadMany(ids.filter((id) => isOwn(id.jobId)));
        const left = found.values();
        return ids.map((id) => (isOwn(id.jobId) ? (left.next().value ?? null) : null));
      },
      list: refuse,
      search: refuse,
      counts: refuse,
    },
    recordOf: (projectId, id) => onJob(id, () => whole.recordOf(projectId, id)),
    historyOf: (request) => onJob(request.jobId, () => whole.historyOf(request)),
    queuePosition: (job) => onJob(job.id, () => whole.queuePosition(job)),
    etaOf: (job) => onJob(job.id, () => whole.etaOf(job)),
    openEvents: (request) =>
      request.jobId == null ? refuse() : onJob(request.jobId, () => whole.openEvents(request)),
    artifactUrl: whole.artifactUrl,
  };
}
