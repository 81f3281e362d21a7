/**
 * Work that never overlaps itself: a caller that asks for it while it is under way gets the outcome of that run.
 * @returns `work`, of which at most one call runs at a time
 */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => {
    underWay ??= work().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}
