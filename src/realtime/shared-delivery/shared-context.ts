/**
 * The context of shared execution: one result goes to many subscribers, so nothing may depend on who asks.
 *
 * It holds what the process as a whole provides to resolvers, and no viewer. A resolver that reaches for anything else (a
 * viewer, a request, whatever an operation's own context has) gets an error instead of a value, and the access is recorded: the
 * result is thrown away, and from then on every subscriber with that document is served separately, with its own context. So a
 * field that depends on the viewer needs no mark that somebody could forget.
 */

/** Thrown at a resolver that reads what shared execution does not have. */
class NotSharedError extends Error {
  override readonly name = 'NotSharedError';
}

export interface SharedContext {
  /** The GraphQL context value. */
  readonly value: object;
  /**
   * Whether a resolver has ever reached for something that is not shared. It stays true, since results may be under way
   * concurrently, and there is no telling which of them it was.
   */
  readonly isTouched: boolean;
}

/** @param process what is the same for every viewer; resolvers may read its own enumerable keys */
export function createSharedContext(process: object): SharedContext {
  let touched = false;
  const refuse = (key: string | symbol): never => {
    touched = true;
    throw new NotSharedError(`context.${String(key)}: not part of the shared context`);
  };
  const value = new Proxy(Object.freeze({ ...process }), {
    get: (target, key) => (Object.hasOwn(target, key) ? Reflect.get(target, key) : refuse(key)),
    has: (target, key) => Object.hasOwn(target, key) || refuse(key),
    ownKeys: () => refuse('(all keys)'),
  });
  return {
    value,
    get isTouched() {
      return touched;
    },
  };
}
