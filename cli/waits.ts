/**
 * Queries how long waiting jobs will still wait: events do not contain that, since it changes with every other job of the
 * server.
 */
import { type Board, isWaiting } from './board.ts';
import type { Wait } from './operations.ts';

const ASK_MS = 5_000;

interface WaitsParts {
  readonly board: Board;
  readonly ask: () => Promise<readonly Wait[]>;
  readonly onAnswer: () => void;
}

/** Keeps the predictions of waiting jobs up to date, while there are any. @returns a function that stops it */
export function followWaits({ ask, board, onAnswer }: WaitsParts): () => void {
  let isAsking = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    if (isAsking || !board.jobs.some(isWaiting)) return;
    isAsking = true;
    // It is retried in a moment; connection problems are reported by the code that follows the events.
    const waits = await ask().catch(() => []);
    isAsking = false;
    for (const wait of waits) board.note(wait);
    if (waits.length > 0 && !isOver) onAnswer();
  };
  const timer = setInterval(() => void look(), ASK_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
