/** How many jobs a project has in each status, queried again after changes. */
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import { JobCountsDocument, type JobStatus } from '../generated/graphql.ts';
import { useProject } from './project-context.ts';
import { useValue } from './value.ts';

type Counts = Readonly<Partial<Record<JobStatus, number>>>;

/** The least time between two queries: a batch of a thousand items changes statuses many times a second. */
const PAUSE_MS = 2_000;

/** @param workflow counts only jobs of these; empty: all @returns nothing while the counts are not known */
export function useCounts(workflow: readonly string[]): Counts {
  const { id: projectId, changes, connection } = useProject();
  const [counts, setCounts] = useState<Counts>({});
  const { name } = useValue(connection);
  const [asked, setAsked] = useState(0);
  const key = `${name === 'live'} ${workflow.join()}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is asked
  useEffect(() => {
    const stop = new AbortController();
    request(JobCountsDocument, { projectId, workflow: [...workflow] }, stop.signal).then(
      ({ jobCounts }) => setCounts(Object.fromEntries(jobCounts.map(({ status, count }) => [status, count]))),
      // The list itself reports what is wrong.
      () => {},
    );
    return () => stop.abort();
  }, [projectId, key, asked]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      timer = undefined;
      setAsked((times) => times + 1);
    };
    // Not with useValue: a value that changes many times a second must not cause renders until there is an answer.
    const leave = changes.subscribe(() => {
      timer ??= setTimeout(ask, PAUSE_MS);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [changes]);
  return counts;
}
