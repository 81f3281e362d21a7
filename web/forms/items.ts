/** The items of a form that can start one job or a batch. */
export interface Items<T> {
  readonly all: readonly T[];
  change(index: number, changes: Partial<T>): void;
  add(): void;
  remove(index: number): void;
}

/**
 * @param all the current items
 * @param set changes them
 * @param empty an item to add
 */
export function itemsOf<T extends object>(
  all: readonly T[],
  set: (update: (items: readonly T[]) => readonly T[]) => void,
  empty: T,
): Items<T> {
  return {
    all,
    change: (index, changes) =>
      set((now) => now.map((item, at) => (at === index ? { ...item, ...changes } : item))),
    add: () => set((now) => [...now, empty]),
    remove: (index) => set((now) => now.filter((_, at) => at !== index)),
  };
}

/** Path of an item's field in the input: `script` of a single job, `items.0.script` in a batch. */
export function itemField(count: number, index: number, field: string): string {
  return count === 1 ? field : `items.${index}.${field}`;
}
