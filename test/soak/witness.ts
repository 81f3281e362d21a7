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
  /** By project: the tag of each seq, as the first who received it told. */
  readonly #tags = new Map<string, Map<number, string>>();

  /** @param before what this client received last; null: this is its first */
  take(who: string, projectId: string, event: Heard, before: string | null, ofOneJob: boolean): void {
    this.received += 1;
    const { seq, tag } = decodeCursor(event.id);
    const last = before === null ? null : decodeCursor(before).seq;
    if (last !== null && seq <= last) this.accuse(`${who}: ${seq} after ${last} (repeated or out of order)`);
    if (last !== null && seq > last + 1 && !ofOneJob) this.accuse(`${who}: ${seq} after ${last} (lost)`);
    const tags = this.#tags.get(projectId) ?? new Map<number, string>();
    this.#tags.set(projectId, tags);
    const known = tags.get(seq);
    if (known === undefined) tags.set(seq, tag);
    else if (known !== tag) this.accuse(`${who}: event ${seq} is another than others received`);
  }

  accuse(anomaly: string): void {
    this.anomalies.push(anomaly);
    this.onAnomaly(anomaly);
  }
}
