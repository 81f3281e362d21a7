/** When waiting jobs will begin and end: the queue played through on the workers' slots. Pure. */
import type { Estimate } from '../progress/estimate.ts';

/** From now, in seconds. */
export interface ScheduledJob {
  /** The likeliest beginning. */
  readonly startSeconds: number;
  /** The likeliest end, and its low and high ends. */
  readonly end: Estimate;
}

interface Slot {
  at: number;
  /** Squares of how far `at` may be off; independent errors add up by their squares. */
  below: number;
  above: number;
}

/**
 * Plays the queue through: whichever slot is free first takes the next job.
 * @param slots jobs that all workers run at the same time
 * @param running what is left of each running job; null: unknown
 * @param waiting how long each waiting job will take, in the order of the queue; null: unknown
 * @returns for each waiting job its turn; null where it depends on something unknown, or nobody works
 */
export function schedule(
  slots: number,
  running: readonly (Estimate | null)[],
  waiting: readonly (Estimate | null)[],
): readonly (ScheduledJob | null)[] {
  const taken = running.map(toSlot).sort((one, other) => one.at - other.at);
  const free = Array.from({ length: Math.max(0, slots - taken.length) }, () => ({
    at: 0,
    below: 0,
    above: 0,
  }));
  // More run than there are slots while a dead worker's jobs have not been given up.
  const lanes: Slot[] = [...free, ...taken].slice(0, slots);
  return waiting.map((duration) => {
    const lane = earliest(lanes);
    if (lane === null) return null;
    const startSeconds = lane.at;
    add(lane, duration);
    if (!Number.isFinite(lane.at)) return null;
    const low = lane.at - Math.sqrt(lane.below);
    const end = {
      remainingSeconds: lane.at,
      lowSeconds: Math.max(0, low),
      highSeconds: lane.at + Math.sqrt(lane.above),
    };
    return { startSeconds, end };
  });
}

function toSlot(left: Estimate | null): Slot {
  const slot = { at: 0, below: 0, above: 0 };
  add(slot, left);
  return slot;
}

function add(slot: Slot, duration: Estimate | null): void {
  if (duration === null) {
    slot.at = Number.POSITIVE_INFINITY;
    return;
  }
  const { remainingSeconds, lowSeconds, highSeconds } = duration;
  slot.at += remainingSeconds;
  slot.below += (remainingSeconds - lowSeconds) ** 2;
  slot.above += (highSeconds - remainingSeconds) ** 2;
}

/** Null when every slot's end is unknown. */
function earliest(slots: readonly Slot[]): Slot | null {
  let first: Slot | null = null;
  for (const slot of slots) if (slot.at < (first?.at ?? Number.POSITIVE_INFINITY)) first = slot;
  return first;
}
