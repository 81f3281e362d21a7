/** A workflow's fields, from its input's JSON Schema, and how a word of the command line becomes a value of one. Pure. */
import { plain, toWords } from './text.ts';

export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'job' | 'integer' | 'number' | 'boolean' | 'json';
  readonly isRequired: boolean;
  /** A text that is usually kept in a file. */
  readonly isLong: boolean;
  readonly title: string;
  readonly description: string;
  /** Null: any text. */
  readonly choices: readonly string[] | null;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  /** Undefined: there is none, or the description mentions it. */
  readonly default: unknown;
  readonly examples: readonly unknown[];
}

type Schema = Readonly<Record<string, unknown>>;

/** The marks of the server's schemas. */
const JOB_MARK = 'x-playhead-job';
const LONG_MARK = 'multiline';

/** The fields of an object's JSON Schema, in order; none for any other value. */
export function readFields(schema: unknown): readonly Field[] {
  const { properties, required } = asSchema(schema);
  const names: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(asSchema(properties)).map(([name, property]) =>
    readField(name, asSchema(property), names.includes(name)),
  );
}

function readField(name: string, outer: Schema, isNamed: boolean): Field {
  const { inner, isNullable } = withoutNull(outer);
  const schema = { ...inner, ...outer };
  const kind = JOB_MARK in schema ? 'job' : kindOf(inner);
  const title = plain(typeof schema['title'] === 'string' ? schema['title'] : toWords(name));
  const description = plain(typeof schema['description'] === 'string' ? schema['description'] : title);
  return {
    ...{ name, kind, title, description },
    isRequired: isNamed && !isNullable,
    isLong: kind === 'text' && schema[LONG_MARK] === true,
    choices:
      kind === 'text' && Array.isArray(inner['enum'])
        ? inner['enum'].map((choice) => plain(String(choice)))
        : null,
    minimum: boundOf(inner['minimum']),
    maximum: boundOf(inner['maximum']),
    default: /\bdefault\b/i.test(description) ? undefined : (schema['default'] ?? undefined),
    examples: Array.isArray(schema['examples']) ? schema['examples'] : [],
  };
}

/** Removes null from the types that a schema allows. */
function withoutNull(schema: Schema): { readonly inner: Schema; readonly isNullable: boolean } {
  const { anyOf, type } = schema;
  if (Array.isArray(type)) {
    const types = type.filter((one) => one !== 'null');
    return {
      inner: types.length === 1 ? { ...schema, type: types[0] } : {},
      isNullable: types.length < type.length,
    };
  }
  if (!Array.isArray(anyOf)) return { inner: schema, isNullable: false };
  const kinds = anyOf.map(asSchema).filter((one) => one['type'] !== 'null');
  const [only = {}] = kinds;
  return { inner: kinds.length === 1 ? only : {}, isNullable: kinds.length < anyOf.length };
}

function kindOf({ type }: Schema): Field['kind'] {
  if (type === 'string') return 'text';
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : 'json';
}

/** Whole numbers without bounds of their own have those of exact doubles, which do not count. */
function boundOf(bound: unknown): number | undefined {
  return typeof bound === 'number' && Math.abs(bound) !== Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}

/**
 * Parses a word of the command line as a value of the field.
 * @throws TypeError whose message says what was expected
 */
export function parseValue(field: Field, text: string): unknown {
  switch (field.kind) {
    case 'text':
    case 'job':
      if (field.choices?.includes(text) === false) {
        throw new TypeError(`Allowed choices are ${field.choices.join(', ')}.`);
      }
      return text;
    case 'integer':
    case 'number':
      return parseNumber(field, text);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw new TypeError('Expected true or false.');
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new TypeError('Expected JSON, such as ["a", "b"] or {"key": 1}.');
      }
  }
}

function parseNumber({ kind, maximum, minimum }: Field, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const isRight = kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (isRight && value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity)) return value;
  const what = kind === 'integer' ? 'a whole number' : 'a number';
  if (minimum !== undefined && maximum !== undefined) {
    throw new TypeError(`Expected ${kind === 'integer' ? `${what} from ` : ''}${minimum} to ${maximum}.`);
  }
  if (minimum !== undefined) throw new TypeError(`Expected ${what} from ${minimum}.`);
  throw new TypeError(`Expected ${what}${maximum === undefined ? '' : ` up to ${maximum}`}.`);
}

/** The value's placeholder in help texts: `<0..1>`, `<text>`. */
export function placeholderOf({ kind, maximum, minimum }: Field): string {
  switch (kind) {
    case 'integer':
    case 'number': {
      const isOpen = minimum === undefined && maximum === undefined;
      return isOpen ? (kind === 'integer' ? 'n' : 'number') : `${minimum ?? ''}..${maximum ?? ''}`;
    }
    case 'boolean':
      return 'true|false';
    case 'text':
    case 'job':
    case 'json':
      return kind;
  }
}
