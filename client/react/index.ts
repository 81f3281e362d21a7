/** The package `playhead/react`: hooks over `playhead/client`. */
export { type Start, useJob, useJobs, useStart } from './hooks.ts';
export { JobProgress } from './job-progress.ts';
export type { Loaded } from './jobs-store.ts';
export { PlayheadProvider, useConnection } from './provider.ts';
