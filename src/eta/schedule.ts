/** When waiting jobs will begin and end: the queue played through on the workers' slots. Pure. */
import type { Estimate } from '../progress/estimate.ts';
import type { Workflow } from '../progress/steps.ts';

/** From now, in seconds. */
export interface ScheduledJob {
  /** The likeliest beginning. */
  readonly startSeconds: number;
  /** The likeliest end, and its low and high ends. */
  readonly end: Estimate;
}

/** What one worker, or several that are alike, run at the same time. */
export interface Slots {
  readonly count: number;
  readonly workflows: ReadonlySet<Workflow>;
}

/** A job's share of a slot's time. */
export interface Work {
  /** Undefined: every worker carries it out. */
  readonly workflow: Workflow | undefined;
  /** How long it takes, or what is left of it; null: unknown. */
  readonly duration: Estimate | null;
  /** 0..1: how much of its error it shares with the jobs before it, since jobs in a row keep their pace. */
  readonly alike: number;
}

interface Slot {
  readonly workflows: ReadonlySet<Workflow>;
  at: number;
  below: Doubt;
  above: Doubt;
}

/** How far `at` may be off: independent errors add up by their squares, shared ones as they are. */
interface Doubt {
  readonly squares: number;
  readonly sum: number;
}

const NO_DOUBT: Doubt = { squares: 0, sum: 0 };

/**
 * Plays the queue through: of the slots that may take the next job, the one that is free first takes it.
 * @param offers what the workers run at the same time
 * @param waiting in the order of the queue
 * @returns for each waiting job its turn; null if it depends on something unknown, or no worker takes such jobs
 */
export function schedule(
  offers: readonly Slots[],
  running: readonly Work[],
  waiting: readonly Work[],
): readonly (ScheduledJob | null)[] {
  const slots = offers.flatMap(({ count, workflows }) =>
    Array.from({ length: count }, () => ({ workflows, at: 0, below: NO_DOUBT, above: NO_DOUBT })),
  );
  occupy(slots, running);
  return waiting.map((work) => {
    const slot = earliest(slots, work.workflow);
    if (slot === null) return null;
    const startSeconds = slot.at;
    add(slot, work);
    if (!Number.isFinite(slot.at)) return null;
    const end = {
      remainingSeconds: slot.at,
      lowSeconds: Math.max(0, slot.at - widthOf(slot.below)),
      highSeconds: slot.at + widthOf(slot.above),
    };
    return { startSeconds, end };
  });
}

/** Gives running jobs a slot each. More run than there are slots while a dead worker's jobs have not been given up. */
function occupy(slots: readonly Slot[], running: readonly Work[]): void {
  const endOf = ({ duration }: Work): number => duration?.remainingSeconds ?? Number.POSITIVE_INFINITY;
  const free = new Set(slots);
  for (const work of [...running].sort((one, other) => endOf(one) - endOf(other))) {
    for (const slot of free) {
      if (!takes(slot, work.workflow)) continue;
      add(slot, work);
      free.delete(slot);
      break;
    }
  }
}

function takes({ workflows }: Slot, workflow: Workflow | undefined): boolean {
  return workflow === undefined || workflows.has(workflow);
}

function add(slot: Slot, { alike, duration }: Work): void {
  if (duration === null) {
    slot.at = Number.POSITIVE_INFINITY;
    return;
  }
  const { remainingSeconds, lowSeconds, highSeconds } = duration;
  slot.at += remainingSeconds;
  slot.below = grown(slot.below, remainingSeconds - lowSeconds, alike);
  slot.above = grown(slot.above, highSeconds - remainingSeconds, alike);
}

function grown({ squares, sum }: Doubt, seconds: number, alike: number): Doubt {
  return { squares: squares + (1 - alike) * seconds ** 2, sum: sum + Math.sqrt(alike) * seconds };
}

function widthOf({ squares, sum }: Doubt): number {
  return Math.sqrt(squares + sum ** 2);
}

/** Null when no slot takes such a job, or the end of each that does is unknown. */
function earliest(slots: readonly Slot[], workflow: Workflow | undefined): Slot | null {
  let first: Slot | null = null;
  for (const slot of slots) {
    if (slot.at < (first?.at ?? Number.POSITIVE_INFINITY) && takes(slot, workflow)) first = slot;
  }
  return first;
}
