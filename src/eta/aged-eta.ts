/** A prediction that is seen later than it was made. Pure. */
import type { Eta } from '../progress/events.ts';

/** How much the clocks of two machines may differ. */
const SLACK_MS = 60_000;
/** A late job may still take this many times its lateness. */
const LATENESS = 3;

/**
 * What is left now: never negative. A job that is past its likely end will likely take as long again as it is late, and may
 * take three times as long: once work has outlasted what was known about it, only its lateness says how much is left. Clients
 * calculate this in the same way (client/aged-eta.ts).
 * @param now ms since the epoch
 */
export function ageEta(eta: Eta, now: number): Eta {
  const toldAt = eta.finishesAt - eta.remainingSeconds * 1_000;
  // The prediction comes from a clock that has been set back since, or is wrong: its end would be as far off.
  if (toldAt > now + SLACK_MS) return { ...eta, finishesAt: now + eta.remainingSeconds * 1_000 };
  const passed = Math.max(0, now - toldAt) / 1_000;
  const left = (seconds: number): number => Math.max(0, seconds - passed);
  const late = eta.highSeconds > 0 ? Math.max(0, passed - eta.remainingSeconds) : 0;
  const remainingSeconds = Math.max(left(eta.remainingSeconds), late);
  return {
    remainingSeconds,
    lowSeconds: left(eta.lowSeconds),
    highSeconds: Math.max(left(eta.highSeconds), LATENESS * late),
    finishesAt: Math.max(eta.finishesAt, now + 1_000 * late),
    ...(eta.waitSeconds !== undefined && { waitSeconds: left(eta.waitSeconds) }),
  };
}
