/** Holds what every client receives against one another: each project has one sequence of events, without a gap. */
import { decodeCursor } from '../../src/log/cursor.ts';

/** What is checked of an event. */
export interface Heard {
  readonly __typename: string;
  readonly id: string;
  readonly jobId: string;
  readonly willRetry?: boolean;
}

export class Witness {
  /** In words; none is what is wanted. */
  readonly anomalies: string[] = [];
  onAnomaly: (anomaly: string) => void = () => {};
  /** Events that clients received. */
  received = 0;
  /** By project: the hash of each seq, as the first who received it told. */
  readonly #hashes = new Map<string, Map<number, string>>();

  /** @param before what this client received last; null: this is its first */
  take(who: string, projectId: string, event: Heard, before: string | null, ofOneJob: boolean): void {
    this.received += 1;
    const { seq, hash } = decodeCursor(event.id);
    const last = before === null ? null : decodeCursor(before).seq;
    if (last !== null && seq <= last) this.accuse(`${who}: ${seq} after ${last} (repeated or out of order)`);
    if (last !== null && seq > last + 1 && !ofOneJob) this.accuse(`${who}: ${seq} after ${last} (lost)`);
    const hashes = this.#hashes.get(projectId) ?? new Map<number, string>();
    this.#hashes.set(projectId, hashes);
    const known = hashes.get(seq);
    if (known === undefined) hashes.set(seq, hash);
    else if (known !== hash) this.accuse(`${who}: event ${seq} is another than others received`);
  }

  accuse(anomaly: string): void {
    this.anomalies.push(anomaly);
    this.onAnomaly(anomaly);
  }
}
