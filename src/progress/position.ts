/** A place in a project's event log. */
export interface Position {
  /** The name of the log's history, random; empty: nothing has been written. */
  readonly epoch: string;
  /** The number of the event there, from 1, without gaps; 0: before the first event. */
  readonly seq: number;
  /**
   * The hash of all that was written up to the event: after a rollback the same seq has another one. 24 hex digits; empty
   * before the first event.
   */
  readonly hash: string;
}

/** The position before a project's first event. */
export const ORIGIN: Position = { epoch: '', seq: 0, hash: '' };

/** Whether two positions are the same place in the same history. */
export function isSamePosition(one: Position, other: Position): boolean {
  return one.seq === other.seq && one.hash === other.hash && one.epoch === other.epoch;
}
