/** Turns an event into the JSON text that a group's subscribers get, once per group for as long as somebody holds the event. */
import { type ExecutionResult, execute } from 'graphql';
import type { LoggedEvent } from '../../progress/events.ts';
import { type ErrorMapping, mapErrors } from '../../schema/errors.ts';
import { type Asked, ResultPlan } from './result-plan.ts';
import type { SharedContext } from './shared-context.ts';

/** With more groups than this, keeping texts costs more (long-lived garbage) than it saves. */
const MAX_KEEPING_GROUPS = 128;
let groups = 0;

/** Thrown when the result depends on who asks, so it must not be shared. */
export class PersonalResultError extends Error {
  override readonly name = 'PersonalResultError';
}

export class Results {
  readonly #asked: Asked;
  readonly #context: SharedContext | null;
  readonly #contextValue: unknown;
  readonly #mapping: ErrorMapping;
  /**
   * For clients that start over or resume together: they get the same events, which live until the last client is done. The
   * texts are dropped with the events, so nothing needs to be counted here.
   */
  #kept = new WeakMap<LoggedEvent, Buffer>();
  readonly #edition: () => number;
  /** Null: graphql-js executes; undefined: not determined yet. */
  #plan: ResultPlan | null | undefined;
  #keptEdition = 0;

  /**
   * @param context shared by all that ask, or one viewer's own context value
   * @param edition changes when kept texts must be made anew
   */
  constructor(
    asked: Asked,
    context: { readonly shared: SharedContext } | { readonly own: unknown },
    mapping: ErrorMapping,
    edition: () => number = () => 0,
  ) {
    this.#edition = edition;
    this.#asked = asked;
    this.#context = 'shared' in context ? context.shared : null;
    this.#contextValue = 'shared' in context ? context.shared.value : context.own;
    this.#mapping = mapping;
    groups += 1;
  }

  /** Call once. */
  close(): void {
    groups -= 1;
  }

  /**
   * The result of an event as a JSON text, `{"data":…}` with errors where fields failed. A promise only when a resolver
   * returned one.
   * @throws PersonalResultError (or rejects with it) when the result depends on the viewer
   */
  of(event: LoggedEvent): Buffer | Promise<Buffer> {
    this.#forgetEarlier();
    const kept = this.#kept.get(event);
    if (kept !== undefined) return kept;
    const planned = this.#writePlanned(event);
    if (planned !== null) return this.#encode(event, planned);
    const result = this.#execute(event);
    if (!(result instanceof Promise)) return this.#settle(event, result);
    const edition = this.#keptEdition;
    return result.then(
      (value) => this.#settle(event, value, edition),
      (error: unknown) => this.#settle(event, { errors: mapErrors([error], this.#mapping) }, edition),
    );
  }

  #forgetEarlier(): void {
    const edition = this.#edition();
    if (edition === this.#keptEdition) return;
    this.#keptEdition = edition;
    this.#kept = new WeakMap();
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
      return { errors: mapErrors([error], this.#mapping) };
    }
  }

  /** Null when graphql-js has to execute the event; it then does so from now on. */
  #writePlanned(event: LoggedEvent): string | null {
    if (this.#plan === undefined) this.#plan = ResultPlan.of(this.#asked);
    const text = this.#plan?.write(event, this.#contextValue) ?? null;
    if (text === null) this.#plan = null;
    else this.#refusePersonal();
    return text;
  }

  #settle(event: LoggedEvent, result: ExecutionResult, edition = this.#keptEdition): Buffer {
    // Before the errors are mapped: those of a discarded result concern nobody.
    this.#refusePersonal();
    return this.#encode(event, this.#toText(result), edition);
  }

  #refusePersonal(): void {
    if (this.#context?.isTouched) throw new PersonalResultError('the result depends on the viewer');
  }

  #encode(event: LoggedEvent, json: string, edition = this.#keptEdition): Buffer {
    const text = Buffer.from(json);
    // A slow result may belong to an edition that is no longer kept.
    if (groups <= MAX_KEEPING_GROUPS && edition === this.#keptEdition) this.#kept.set(event, text);
    return text;
  }

  #toText(result: ExecutionResult): string {
    if (result.errors === undefined) return JSON.stringify(result);
    const errors = mapErrors(result.errors, this.#mapping).map((error) => error.toJSON());
    return JSON.stringify({ data: result.data ?? null, errors });
  }
}
