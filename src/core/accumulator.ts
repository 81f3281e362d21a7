/**
 * For work that costs about the same for one thing as for a hundred: things that come within a while are handed over together.
 */
export class Accumulator<T> {
  readonly #waitMs: number;
  readonly #hand: (items: readonly T[]) => Promise<unknown>;
  #items: T[] = [];
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param waitMs how long the first of a hand-over waits for others
   * @param hand never called with nothing; must not reject
   */
  constructor(waitMs: number, hand: (items: readonly T[]) => Promise<unknown>) {
    this.#waitMs = waitMs;
    this.#hand = hand;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#timer ??= setTimeout(() => void this.flush(), this.#waitMs);
  }

  /** Hands over at once what has come so far. @returns when that is done */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) await this.#hand(items);
  }
}
