/** The items of a form that can start one job or a batch. */
import { useState } from 'react';

export interface Items<T> {
  readonly all: readonly T[];
  change(index: number, changes: Partial<T>): void;
  add(): void;
  remove(index: number): void;
}

/** @param empty an item to add @param first the first one */
export function useItems<T extends object>(empty: T, first: T = empty): Items<T> {
  const [all, setAll] = useState<readonly T[]>([first]);
  return {
    all,
    change: (index, changes) =>
      setAll((now) => now.map((item, at) => (at === index ? { ...item, ...changes } : item))),
    add: () => setAll((now) => [...now, empty]),
    remove: (index) => setAll((now) => now.filter((_, at) => at !== index)),
  };
}

/** Path of an item's field in the input: `script` of a single job, `items.0.script` in a batch. */
export function itemField(count: number, index: number, field: string): string {
  return count === 1 ? field : `items.${index}.${field}`;
}
