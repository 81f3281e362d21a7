/** Turns an event into the JSON text that a group's subscribers get, once per group, and keeps the latest texts. */
import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import type { LoggedEvent } from '../progress/events.ts';
import { mapErrors, type OnInternal } from '../schema/errors.ts';
import type { SharedContext } from './shared-context.ts';

/** What an operation asks for. */
export interface Asked {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Bytes of JSON text kept over all groups, for clients that start over or resume together. */
const KEPT_BYTES = 32 * 1024 * 1024;
/** Of one group; below this, that is with more than 128 groups, keeping costs more (garbage that lives on) than it saves. */
const LEAST_KEPT_BYTES = 256 * 1024;
let groups = 0;

/** The result depends on who asks, so it must not be shared. */
export class PersonalResultError extends Error {
  override readonly name = 'PersonalResultError';
}

export class Results {
  readonly #asked: Asked;
  readonly #context: SharedContext | null;
  readonly #contextValue: unknown;
  readonly #onInternal: OnInternal;
  readonly #kept = new Map<LoggedEvent, Buffer>();
  readonly #edition: () => number;
  #keptEdition = 0;
  #keptBytes = 0;

  /**
   * @param context for all that ask, or one viewer's own context value
   * @param edition changes when what was kept must be made anew
   */
  constructor(
    asked: Asked,
    context: { readonly shared: SharedContext } | { readonly own: unknown },
    onInternal: OnInternal,
    edition: () => number = () => 0,
  ) {
    this.#edition = edition;
    this.#asked = asked;
    this.#context = 'shared' in context ? context.shared : null;
    this.#contextValue = 'shared' in context ? context.shared.value : context.own;
    this.#onInternal = onInternal;
    groups += 1;
  }

  /** Forgets everything. Call once. */
  close(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
    groups -= 1;
  }

  /**
   * The result of an event as a JSON text, `{"data":…}` with errors where fields failed.
   * A promise only when a resolver gave one.
   * @throws PersonalResultError (or rejects with it) when the result depends on the viewer
   */
  of(event: LoggedEvent): Buffer | Promise<Buffer> {
    this.#forgetEarlier();
    const kept = this.#kept.get(event);
    if (kept !== undefined) return kept;
    const result = this.#execute(event);
    return result instanceof Promise
      ? result.then(
          (value) => this.#settle(event, value),
          (error: unknown) => this.#settle(event, { errors: mapErrors([error], this.#onInternal) }),
        )
      : this.#settle(event, result);
  }

  #forgetEarlier(): void {
    const edition = this.#edition();
    if (edition === this.#keptEdition) return;
    this.#keptEdition = edition;
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  #execute(event: LoggedEvent): ExecutionResult | Promise<ExecutionResult> {
    const { schema, document, operationName, variables } = this.#asked;
    try {
      return execute({
        schema,
        document,
        operationName,
        variableValues: variables,
        rootValue: event,
        contextValue: this.#contextValue,
      }) as ExecutionResult | Promise<ExecutionResult>;
    } catch (error) {
      return { errors: mapErrors([error], this.#onInternal) };
    }
  }

  #settle(event: LoggedEvent, result: ExecutionResult): Buffer {
    if (this.#context?.takeTouched()) throw new PersonalResultError('the result depends on the viewer');
    const text = this.#encode(result);
    this.#keep(event, text);
    return text;
  }

  #encode(result: ExecutionResult): Buffer {
    if (result.errors === undefined) return Buffer.from(JSON.stringify(result));
    const errors = mapErrors(result.errors, this.#onInternal).map((error) => error.toJSON());
    return Buffer.from(JSON.stringify({ data: result.data ?? null, errors }));
  }

  /** The more groups there are, the less each keeps, and nothing when it would be too little to be of use. */
  #keep(event: LoggedEvent, text: Buffer): void {
    const limit = KEPT_BYTES / Math.max(1, groups);
    if (limit < LEAST_KEPT_BYTES) return;
    this.#kept.set(event, text);
    this.#keptBytes += text.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= limit || this.#kept.size === 1) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }
}
