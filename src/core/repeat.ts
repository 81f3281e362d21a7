/**
 * Does work again and again, each time `pauseMs` after it last ended: it never overlaps itself, and delays are not made up for.
 * @param work must not reject
 * @returns what ends it; work under way is not waited for
 */
export function repeat(work: () => Promise<void>, pauseMs: number): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const wait = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void work().then(wait), pauseMs);
  };
  wait();
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
