/** A prediction that is looked at later than it was made. Pure. */
import type { Eta } from '../progress/events.ts';

/** By so much the clocks of two machines may differ. */
const SLACK_MS = 60_000;

/** What is left of it now: never negative. @param now ms since the epoch */
export function ageEta(eta: Eta, now: number): Eta {
  const toldAt = eta.finishesAt - eta.remainingSeconds * 1_000;
  // Told by a clock that has been set back since, or is wrong: its end would be as far off.
  if (toldAt > now + SLACK_MS) return { ...eta, finishesAt: now + eta.remainingSeconds * 1_000 };
  const passed = Math.max(0, now - toldAt) / 1_000;
  const left = (seconds: number): number => Math.max(0, seconds - passed);
  return {
    remainingSeconds: left(eta.remainingSeconds),
    lowSeconds: left(eta.lowSeconds),
    highSeconds: left(eta.highSeconds),
    finishesAt: Math.max(eta.finishesAt, now),
    ...(eta.waitSeconds !== undefined && { waitSeconds: left(eta.waitSeconds) }),
  };
}
