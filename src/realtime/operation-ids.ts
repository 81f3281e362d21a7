/**
 * The ids of a connection's operations as graphql-ws knows them: one for each operation, whatever ids the client uses again.
 *
 * graphql-ws keeps operations by id alone, and what it awaits for one (its start, a result, the socket) may end long after
 * the client has completed it. Were the client's id in use again by then, it would stand for both: events of the first under
 * the second's id, the second ended by the end of the first, and one of the two never let go of.
 *
 *   client        subscribe a   complete a    subscribe a
 *   graphql-ws    subscribe 1:a complete 1:a  subscribe 2:a
 */
import { MessageType } from 'graphql-ws';

/** The number of an operation that is not under way. */
const UNKNOWN = 0;
/** How every message begins that graphql-ws sends for an operation. */
const OWN_ID = /^(\{"id":")\d+:/;

export class OperationIds {
  #count = UNKNOWN;
  /** The key is the client's id. */
  readonly #underWay = new Map<string, string>();

  /**
   * A client's message as graphql-ws is to have it.
   * @returns the text as it came when it is no JSON; undefined when it begins an operation whose id is in use
   */
  toOwn(text: string): unknown {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return text;
    }
    const { type, id } = Object(message) as { readonly type?: unknown; readonly id?: unknown };
    if (typeof id !== 'string' || id === '') return message;
    if (type === MessageType.Subscribe) {
      return this.#underWay.has(id) ? undefined : { ...Object(message), id: this.#begin(id) };
    }
    if (type === MessageType.Complete) {
      const own = this.#underWay.get(id) ?? `${UNKNOWN}:${id}`;
      this.release(own);
      return { ...Object(message), id: own };
    }
    return message;
  }

  /** The operation is over, or is said to be: the client may use its id again. */
  release(own: string): void {
    const id = clientIdOf(own);
    if (this.#underWay.get(id) === own) this.#underWay.delete(id);
  }

  #begin(id: string): string {
    this.#count += 1;
    const own = `${this.#count}:${id}`;
    this.#underWay.set(id, own);
    return own;
  }
}

/** The id that the client gave an operation. */
export function clientIdOf(own: string): string {
  return own.slice(own.indexOf(':') + 1);
}

/** A message of graphql-ws as the client is to have it. */
export function withClientId(text: string): string {
  return text.replace(OWN_ID, '$1');
}
