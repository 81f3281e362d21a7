/** Loads jobs that are asked for one by one, as by the fields of a list, all at once. */
import DataLoader from 'dataloader';
import type { JobState } from '../progress/state.ts';
import type { JobStore } from './job-store.ts';

interface Asked {
  readonly projectId: string;
  readonly jobId: string;
}

/** A page of a hundred items asks for that many parents, and a batch's page of items for one. */
const MAX_TOGETHER = 1_000;

/**
 * What is asked for in one turn of the event loop is read in one round trip, each job once; nothing is kept.
 * @returns `JobStore.load`, which throws DamagedJob
 */
export function createJobLoader(jobs: Pick<JobStore, 'loadMany'>): JobStore['load'] {
  const loader = new DataLoader<Asked, JobState | null>(
    async (asked) => {
      const unique = new Map(asked.map((one) => [nameOf(one), one]));
      const found = await jobs.loadMany([...unique.values()]);
      const byName = new Map([...unique.keys()].map((name, at) => [name, found[at] ?? null]));
      // DataLoader rejects for each error among the values: a DamagedJob.
      return asked.map((one) => byName.get(nameOf(one)) ?? null);
    },
    { cache: false, maxBatchSize: MAX_TOGETHER },
  );
  return (projectId, jobId) => loader.load({ projectId, jobId });
}

const nameOf = ({ projectId, jobId }: Asked): string => `${projectId}/${jobId}`;
