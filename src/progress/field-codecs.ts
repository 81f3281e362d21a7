/** How values are stored as texts in the fields of a Redis hash. Pure. */
import { toJson } from '../core/json.ts';

export interface Codec<T> {
  write(value: T): string;
  /** @returns Unreadable for a text that `write` could not have made */
  read(text: string): T | Unreadable;
  /** The value used for a text that can't be read, when the rest of the record is still of use. */
  readonly fallback: T;
}

/** Stands for a text that is not what our own code writes. */
export class Unreadable {
  /** What was expected, in words; what was received may be a user's, and is not reported. */
  readonly expected: string;
  constructor(expected: string) {
    this.expected = expected;
  }
}

/** A text that is not empty. */
export const ID: Codec<string> = {
  write: String,
  read: (text) => text || new Unreadable('an id'),
  fallback: '',
};

export const TEXT: Codec<string> = { write: String, read: (text) => text, fallback: '' };

export const NUMBER: Codec<number> = {
  write: String,
  read: (text) => {
    const value = text === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : new Unreadable('a number');
  },
  fallback: Number.NaN,
};

/** Writes null as an empty text. */
export function maybe<T>(codec: Codec<T>): Codec<T | null> {
  return {
    write: (value) => (value === null ? '' : codec.write(value)),
    read: (text) => (text === '' ? null : codec.read(text)),
    fallback: null,
  };
}

/** One of some words; the first of them is the fallback. */
export function oneOf<Word extends string>(words: readonly [Word, ...Word[]]): Codec<Word> {
  return {
    write: String,
    read: (text) => words.find((word) => word === text) ?? new Unreadable(`one of ${words.join(', ')}`),
    fallback: words[0],
  };
}

/** @param shape what is checked of a value: one of that shape was written by our own code */
export function json<T>(shape: (value: unknown) => boolean, fallback: T): Codec<T> {
  return {
    write: toJson,
    read: (text) => {
      try {
        const value: unknown = JSON.parse(text);
        return shape(value) ? (value as T) : new Unreadable('JSON of its shape');
      } catch {
        return new Unreadable('JSON');
      }
    },
    fallback,
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is null, or of a shape. */
export function isMaybe(shape: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || shape(value);
}
