/** Reads the texts of a stored hash, and keeps account of those that are not what our own code writes. Pure. */
export class StoredFields<Name extends string> {
  /** What was expected of which field, without what came: that may be a user's. */
  readonly faults = new Map<Name, string>();
  readonly #values: ReadonlyMap<Name, string>;

  constructor(names: readonly Name[], values: readonly (string | null)[]) {
    this.#values = new Map(names.map((name, at) => [name, values[at] ?? '']));
  }

  /** There must be one. */
  id(name: Name): string {
    if (this.text(name) === '') this.#refuse(name, 'an id');
    return this.text(name);
  }

  /** Empty where there is none. */
  text(name: Name): string {
    return this.#values.get(name) ?? '';
  }

  /** @param absent taken where there is none; undefined: there must be one */
  number(name: Name, absent?: number): number {
    const text = this.text(name);
    if (text === '' && absent !== undefined) return absent;
    const value = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) this.#refuse(name, 'a number');
    return value;
  }

  numberOrNull(name: Name): number | null {
    return this.text(name) === '' ? null : this.number(name);
  }

  /** @returns the first of them for any other word */
  oneOf<Word extends string>(name: Name, words: readonly Word[]): Word {
    const found = words.find((word) => word === this.text(name));
    if (found === undefined) this.#refuse(name, `one of ${words.join(', ')}`);
    // What stands there, whatever it is: it counts as a fault.
    return found ?? (this.text(name) as Word);
  }

  /**
   * @param fallback taken for JSON that is broken or of another shape
   * @param absent JSON taken where there is none; left out: there must be some
   */
  json<T>(name: Name, shape: (value: unknown) => boolean, fallback: T, absent = ''): T {
    try {
      const value: unknown = JSON.parse(this.text(name) || absent);
      // Of that shape, our own code has written it.
      if (shape(value)) return value as T;
      this.#refuse(name, 'JSON of another shape');
    } catch {
      this.#refuse(name, 'JSON');
    }
    return fallback;
  }

  #refuse(name: Name, expected: string): void {
    this.faults.set(name, expected);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Or null. */
export function isMaybe(shape: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || shape(value);
}
