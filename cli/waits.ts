/** Asks how long what waits will still wait: no event tells it, since it changes with every other job of the server. */
import { type Board, isWaiting } from './board.ts';
import type { Wait } from './operations.ts';

const ASK_MS = 5_000;

interface WaitsParts {
  readonly board: Board;
  readonly ask: () => Promise<readonly Wait[]>;
  readonly onAnswer: () => void;
}

/** Keeps the predictions of what waits up to date, while anything does. @returns the end of that */
export function followWaits({ ask, board, onAnswer }: WaitsParts): () => void {
  let isAsking = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    if (isAsking || !board.jobs.some(isWaiting)) return;
    isAsking = true;
    // Asked again in a moment; what is wrong with the connection is said by the one who follows.
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
