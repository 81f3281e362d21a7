/** Reads that several callers wait for, each made once for all that asked before it began. */

interface Round<T> {
  readonly answer: Promise<T>;
  begun: boolean;
}

export class SharedReads {
  readonly #rounds = new Map<string, Round<unknown>>();

  /**
   * Reads after this call, so that the answer has everything that was written before it. Everyone who asks for the same
   * key until the read begins shares it; it begins in this turn of the event loop, or when the one before it is over.
   * @param key always belongs to one kind of read
   */
  ask<T>(key: string, read: () => Promise<T>): Promise<T> {
    const last = this.#rounds.get(key);
    if (last !== undefined && !last.begun) return last.answer as Promise<T>;
    const before = last === undefined ? nextTurn() : last.answer.then(ignore, ignore);
    const round: Round<T> = {
      begun: false,
      answer: before.then(() => {
        round.begun = true;
        return read();
      }),
    };
    this.#rounds.set(key, round);
    const forget = (): void => {
      if (this.#rounds.get(key) === round) this.#rounds.delete(key);
    };
    round.answer.then(forget, forget);
    return round.answer;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function ignore(): void {}
