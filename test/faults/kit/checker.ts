/** Compares what clients received with what the log holds. Pure. */

import type { LoggedEvent } from '../../../src/progress/events.ts';
import { isEnding } from '../../../src/progress/events.ts';
import type { Position } from '../../../src/progress/position.ts';
import type { Stretch } from './client.ts';

/** Each text describes one anomaly: the first divergence of its kind in a place. */
export type Anomalies = string[];

/** Checks that stretches are in order, without gaps, with each event once, and all of them events that the log has or had. */
export function checkStretches(
  who: string,
  stretches: readonly Stretch[],
  log: readonly LoggedEvent[],
  mayHaveLost: boolean,
): Anomalies {
  const anomalies: Anomalies = [];
  if (!mayHaveLost && stretches.length > 1)
    anomalies.push(`${who}: told EVENTS_EXPIRED although nothing was lost`);
  for (const { positions } of stretches) {
    const index = positions.findIndex((_, at) => divergence(positions, at, log, mayHaveLost) !== null);
    if (index >= 0) anomalies.push(`${who}: ${divergence(positions, index, log, mayHaveLost)}`);
  }
  return anomalies;
}

function divergence(
  positions: Stretch['positions'],
  index: number,
  log: readonly LoggedEvent[],
  mayHaveLost: boolean,
): string | null {
  const [before, here] = [positions[index - 1], positions[index]];
  if (here === undefined) return null;
  if (before !== undefined && here.seq <= before.seq) {
    return `${here.seq} after ${before.seq} (repeated or out of order)`;
  }
  if (before !== undefined && here.seq > before.seq + 1 && !isCollapsed(log, before.seq, here.seq)) {
    return `${here.seq} after ${before.seq} (lost)`;
  }
  if (!mayHaveLost && log[here.seq - 1]?.hash !== here.hash) return `event ${here.seq} is not the log's`;
  return null;
}

/** A slow client sees fewer progress events (G7): each missing one must be followed by a newer event of its job. */
function isCollapsed(log: readonly LoggedEvent[], from: number, to: number): boolean {
  for (let seq = from + 1; seq < to; seq += 1) {
    const missing = log[seq - 1];
    if (missing === undefined || missing.event.type !== 'ProgressEvent') return false;
    const { jobId } = missing.event;
    if (!log.slice(seq).some((other) => other.event.jobId === jobId)) return false;
  }
  return true;
}

/** A worker, with the events that Redis acknowledged to it. */
interface Acknowledged {
  readonly name: string;
  readonly acknowledged: readonly Position[];
}

/** Checks the log: no gaps, one ending per job as its last event, no event twice, and every acknowledged event present. */
export function checkLog(
  log: readonly LoggedEvent[],
  accepted: readonly string[],
  workers: readonly Acknowledged[] = [],
): Anomalies {
  const anomalies: Anomalies = [];
  for (const [index, { seq }] of log.entries()) {
    if (seq !== index + 1) {
      anomalies.push(`log: expected ${index + 1}, received ${seq}`);
      break;
    }
  }
  if (new Set(log.map(({ hash }) => hash)).size !== log.length)
    anomalies.push('log: an event is there twice');
  const jobs = Map.groupBy(log, ({ event }) => event.jobId);
  for (const [jobId, events] of jobs) {
    const endings = events.filter(({ event }) => isEnding(event)).length;
    const last = events.at(-1);
    if (endings !== 1 || last === undefined || !isEnding(last.event)) {
      anomalies.push(`job ${jobId}: ${endings} endings, last event ${JSON.stringify(last?.event)}`);
    }
    anomalies.push(...checkAttempts(jobId, events));
  }
  for (const jobId of accepted)
    if (!jobs.has(jobId)) anomalies.push(`job ${jobId}: accepted, but not in the log`);
  if (jobs.size !== new Set(accepted).size) {
    anomalies.push(`${jobs.size} jobs in the log, ${new Set(accepted).size} were accepted`);
  }
  for (const { name, acknowledged } of workers) {
    const lost = acknowledged.find(({ seq, hash }) => log[seq - 1]?.hash !== hash);
    if (lost !== undefined)
      anomalies.push(`${name}: event ${lost.seq} was acknowledged, and is not in the log`);
  }
  return anomalies;
}

/** Attempts never decrease, nor does progress within one (G4, G5). */
function checkAttempts(jobId: string, events: readonly LoggedEvent[]): Anomalies {
  let attempt = 0;
  let progress = 0;
  for (const { seq, event } of events) {
    if (event.attempt < attempt)
      return [`job ${jobId}: attempt ${event.attempt} writes ${seq} after ${attempt}`];
    if (event.attempt > attempt) progress = 0;
    attempt = event.attempt;
    if (event.type !== 'ProgressEvent') continue;
    if (event.progress < progress) return [`job ${jobId}: progress goes back at ${seq}`];
    progress = event.progress;
  }
  return [];
}
