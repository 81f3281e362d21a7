/** The same part, with `work` done each time right before one of its methods is called, or right after it has returned. */
export function interrupted<T extends object>(
  part: T,
  method: keyof T & string,
  when: 'before' | 'after',
  work: (answer: unknown) => Promise<unknown>,
): T {
  let busy = false;
  const once = async (answer: unknown): Promise<void> => {
    if (busy) return;
    busy = true;
    await work(answer);
    busy = false;
  };
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]) => {
        if (when === 'before') await once(undefined);
        const answer: unknown = await Reflect.apply(value, target, args);
        if (when === 'after') await once(answer);
        return answer;
      };
    },
  });
}

/** The same part, with a method that always fails. */
export function failing<T extends object>(part: T, method: keyof T & string): T {
  return replaced(part, [method], () => Promise.reject(new Error(`${method} fails`)));
}

/** The same part, with methods that never end. */
export function endless<T extends object>(part: T, ...methods: readonly (keyof T & string)[]): T {
  return replaced(part, methods, () => new Promise(() => {}));
}

function replaced<T extends object>(part: T, methods: readonly string[], instead: () => Promise<unknown>): T {
  return new Proxy(part, {
    get(target, name) {
      if (methods.includes(String(name))) return instead;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
