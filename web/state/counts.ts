/** How many jobs a project has in each status, asked for again when something has changed. */
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import { JobCountsDocument, type JobStatus } from '../generated/graphql.ts';
import { useProject } from './project-context.ts';
import { useValue } from './value.ts';

type Counts = Readonly<Partial<Record<JobStatus, number>>>;

/** Least time between two questions: a batch of a thousand changes a status many times a second. */
const PAUSE_MS = 2_000;

/** @param workflow of these alone; empty: of all. Empty while nothing is known */
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
      // The list itself says what is wrong.
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
    // Not by useValue: what changes many times a second must render nothing until there is an answer.
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
