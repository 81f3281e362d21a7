/** Loads what is kept of jobs all at once, though it is asked for one by one, for example by the fields of a list. */
import DataLoader from 'dataloader';

interface JobId {
  readonly projectId: string;
  readonly jobId: string;
}

/** A page of a hundred items asks for that many parents, and a batch's page of items for one. */
const MAX_TOGETHER = 1_000;

/**
 * Everything asked for in one turn of the event loop is read in one round trip, each job once; nothing is cached.
 * @param loadMany answers in the order asked; an Error among the values is thrown to the caller that asked for it
 */
export function createJobLoader<Value>(
  loadMany: (ids: readonly JobId[]) => Promise<readonly (Value | Error)[]>,
): (projectId: string, jobId: string) => Promise<Exclude<Value, Error>> {
  const loader = new DataLoader<JobId, Exclude<Value, Error>>(
    async (asked) => {
      const unique = new Map(asked.map((one) => [nameOf(one), one]));
      const found = await loadMany([...unique.values()]);
      const byName = new Map([...unique.keys()].map((name, at) => [name, found[at]]));
      // Every name is there; DataLoader tells errors, such as a DamagedJob, from values.
      return asked.map((one) => byName.get(nameOf(one)) as Exclude<Value, Error> | Error);
    },
    { cache: false, maxBatchSize: MAX_TOGETHER },
  );
  return (projectId, jobId) => loader.load({ projectId, jobId });
}

const nameOf = ({ projectId, jobId }: JobId): string => `${projectId}/${jobId}`;
