/**
 * Caches what parsing made of a document, keyed by its text and bounded by the total length of the texts: Yoga's own caches
 * count entries, each of which may take megabytes.
 */
import { LRUCache } from 'lru-cache';

/** Characters. A parsed document takes up to about 270 bytes for each (2 cores, Node 24: 2 MB for 3,900 short fields). */
const KEPT_CHARS = 131_072;
/** A longer document is parsed anew each time. The dashboard's longest has about 2,000. */
const LONGEST_CHARS = 16_384;

/** For graphql-yoga's `parserAndValidationCache`. */
export class DocumentCache<Value extends object> {
  readonly #entries = new LRUCache<string, Value>({
    maxSize: KEPT_CHARS,
    maxEntrySize: LONGEST_CHARS,
    sizeCalculation: (_value, text) => Math.max(1, text.length),
  });

  get(text: string): Value | undefined {
    return this.#entries.get(text);
  }

  set(text: string, value: Value): void {
    this.#entries.set(text, value);
  }

  /** Characters of everything kept. */
  get length(): number {
    return this.#entries.calculatedSize;
  }
}
