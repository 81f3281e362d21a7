/** Hooks over the client: live jobs and lists. */
import { useCallback, useRef, useState, useSyncExternalStore } from 'react';
import type { JobFilter, StartOptions } from '../client.ts';
import type { Job } from '../job.ts';
import { RequestError } from '../request.ts';
import { LOADING, type Loaded } from './jobs-store.ts';
import { usePlayhead } from './provider.ts';

const NOTHING: Loaded<never> = { data: null, error: null, isLoading: false };

/**
 * A live job. The component re-renders at most once per frame, and only when this job has changed.
 * @param id null or undefined: no job (yet)
 * @param options.projectId default: the client's
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

/** A live page of jobs: new ones enter it, and those that no longer match the filter leave it. */
export function useJobs(filter: JobFilter = {}): Loaded<readonly Job[]> {
  const { store } = usePlayhead();
  // A filter is usually written inline, so it is a new object in each render.
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
  /** @returns the job; null when it was refused, and `error` says why */
  readonly start: (input: Readonly<Record<string, unknown>>, options?: StartOptions) => Promise<Job | null>;
  /** The job that was started last; pass it to `useJob` to make it live. */
  readonly job: Job | null;
  readonly error: RequestError | null;
  /** A job is being started. */
  readonly isStarting: boolean;
}

/** Returns a function that starts jobs of a workflow. @param what a workflow (`TRANSCODE`) or its mutation (`transcode`) */
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
