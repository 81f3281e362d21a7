/** Hooks over the client: jobs and lists that are live. */
import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import type { JobFilter, StartOptions } from '../client.ts';
import type { Job } from '../job.ts';
import { RequestError } from '../request.ts';
import { LOADING, type Loaded } from './jobs-store.ts';
import { usePlayhead } from './provider.ts';

const NOTHING: Loaded<never> = { data: null, error: null, isLoading: false };

/**
 * A job, live. It renders again at most once a frame, and only when this job has changed.
 * @param id null or undefined: of no job (yet)
 * @param options.projectId default: that of the client
 */
export function useJob(
  id: string | null | undefined,
  { projectId }: { readonly projectId?: string } = {},
): Loaded<Job> {
  const { store } = usePlayhead();
  const subscribe = useCallback(
    (listener: () => void) => (id == null ? () => {} : store.watchJob(projectId, id, listener)),
    [store, projectId, id],
  );
  return useSyncExternalStore(
    subscribe,
    () => (id == null ? NOTHING : store.job(projectId, id)),
    () => (id == null ? NOTHING : LOADING),
  );
}

/** A page of jobs, live: new ones enter it, and those whose filter they no longer fit leave it. */
export function useJobs(filter: JobFilter = {}): Loaded<readonly Job[]> {
  const { store } = usePlayhead();
  // A filter is most often written where it is used, so it is another object in each render.
  const key = JSON.stringify(filter);
  const subscribe = useCallback(
    (listener: () => void) => store.watchList(JSON.parse(key) as JobFilter, listener),
    [store, key],
  );
  return useSyncExternalStore(
    subscribe,
    () => store.list(filter),
    () => LOADING,
  );
}

export interface Start {
  /** @returns the job; null where it was refused, and `error` says why */
  readonly start: (input: Readonly<Record<string, unknown>>, options?: StartOptions) => Promise<Job | null>;
  /** The one that was started last, live once it is given to `useJob`. */
  readonly job: Job | null;
  readonly error: RequestError | null;
  /** It is being started. */
  readonly isStarting: boolean;
}

/** Starts jobs of a workflow. @param what a workflow (`TRANSCODE`) or its mutation (`transcode`) */
export function useStart(what: string): Start {
  const { client } = usePlayhead();
  const [state, setState] = useState<Omit<Start, 'start'>>({ job: null, error: null, isStarting: false });
  const latest = useRef(0);
  const start = useCallback<Start['start']>(
    async (input, options) => {
      latest.current += 1;
      const own = latest.current;
      const show = (shown: Omit<Start, 'start'>): void => {
        if (latest.current === own) setState(shown);
      };
      setState((before) => ({ ...before, error: null, isStarting: true }));
      try {
        const job = await client.start(what, input, options);
        show({ job, error: null, isStarting: false });
        return job;
      } catch (failure) {
        const error =
          failure instanceof RequestError ? failure : new RequestError(String(failure), 'INTERNAL');
        show({ job: null, error, isStarting: false });
        return null;
      }
    },
    [client, what],
  );
  return { ...state, start };
}
