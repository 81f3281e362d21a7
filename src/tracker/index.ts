/**
 * The public API for tasks that Playhead does not run: they report their progress over HTTP or Redis. Importing it loads
 * neither a server nor a client library; connectTracker loads what its transport needs.
 */
export type { Json, JsonObject } from '../core/json.ts';
export { MultiStepProgressCalculator } from '../progress/calculator.ts';
export type { ItemStatus } from '../progress/item-status.ts';
export { createProgressMapper, type ProgressMapper } from '../progress/mapper.ts';
export type { StepShares } from '../progress/step-shares.ts';
export type { StepRange } from '../progress/steps.ts';
export { BatchProgressTracker } from './batch-progress-tracker.ts';
export {
  type BullJob,
  type BullWorker,
  type ProgressReading,
  progressOf,
  readProgress,
  type TrackWorkerOptions,
  trackWorker,
} from './bullmq.ts';
export { type ConnectOptions, connectTracker } from './connect-tracker.ts';
export { TrackerConnection, type TrackOptions, type UnsentReport } from './connection.ts';
export { type EndingOutcome, type FailureReport, ProgressTracker } from './progress-tracker.ts';
export { type Link, type TrackerTransport, TransportError } from './transport.ts';
