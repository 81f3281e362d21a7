/**
 * The ids of a connection's operations as graphql-ws knows them: unique for each operation, even if the client reuses ids.
 *
 * graphql-ws keeps operations by id alone, and what it awaits for one (its start, a result, the socket) may settle long after
 * the client has completed it. If the client has reused the id by then, it would stand for both: the first's events would be
 * sent under the second's id, the end of the first would end the second, and one of the two would never be released.
 *
 *   client        subscribe a   complete a    subscribe a
 *   graphql-ws    subscribe 1:a complete 1:a  subscribe 2:a
 */
import { MessageType } from 'graphql-ws';

/** The number of an operation that is not under way. */
const UNKNOWN = 0;
/** The beginning of every message that graphql-ws sends for an operation. */
const OWN_ID = /^(\{"id":")\d+:/;

export class OperationIds {
  #count = UNKNOWN;
  /** The key is the client's id. */
  readonly #underWay = new Map<string, string>();

  /**
   * Converts a client's message for graphql-ws.
   * @returns the unchanged text when it is not JSON; undefined when it begins an operation whose id is in use
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

  /** Marks an operation as over, or reported as over: the client may reuse its id. */
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

/** Converts a message of graphql-ws for the client. */
export function withClientId(text: string): string {
  return text.replace(OWN_ID, '$1');
}
