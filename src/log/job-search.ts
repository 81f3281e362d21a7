/** Finds jobs that contain a text, by looking through them from the newest back. */
import type { Redis } from 'ioredis';
import type { ProjectKeys } from '../redis/keys.ts';
import type { JobSearch } from './job-filter.ts';
import { MATCH_JOBS } from './scripts.ts';

/** Ids that were found, newest first. */
export interface SearchPage {
  readonly ids: readonly string[];
  /** The last job that was looked at, if older ones were not; null: all were, or enough has been found. */
  readonly stoppedAt: string | null;
}

/** Jobs that one script looks at: it takes a few milliseconds, in which Redis does nothing else. */
const AT_ONCE = 100;
/** Jobs that one request looks through, and for how long; the next page goes on after them. A slow Redis still answers in time. */
const MOST = 5_000;
const MOST_MS = 1_000;

interface SearchParts {
  /** The ids of the jobs that the filter lets through, newest first. */
  readonly list: (before: string | null, length: number) => Promise<readonly string[]>;
  readonly keys: ProjectKeys;
  readonly redis: Redis;
}

/** @param before only jobs older than this one @param limit how many ids at most */
export async function searchJobs(
  { list, keys, redis }: SearchParts,
  { inInput = false, search }: JobSearch,
  before: string | null,
  limit: number,
): Promise<SearchPage> {
  const needle = search.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const needleInJson = JSON.stringify(needle).slice(1, -1);
  const found: string[] = [];
  const began = performance.now();
  let last = before;
  for (let looked = 0; looked < MOST && performance.now() - began < MOST_MS; looked += AT_ONCE) {
    const ids = await list(last, AT_ONCE);
    const answers = await MATCH_JOBS.run<number[]>(
      redis,
      { jobsKey: keys.jobs },
      { needle, needleInJson, withInput: inInput ? '1' : '' },
      [],
      ids.map((id) => keys.job(id)),
    );
    found.push(...ids.filter((_, index) => answers[index] === 1));
    last = ids.at(-1) ?? last;
    if (found.length >= limit || ids.length < AT_ONCE) return { ids: found.slice(0, limit), stoppedAt: null };
  }
  return { ids: found, stoppedAt: last };
}
