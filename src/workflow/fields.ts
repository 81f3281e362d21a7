/**
 * Reads the fields of inputs and results from their zod schemas; GraphQL types, forms and results are made of them. Anything
 * that zod can express and GraphQL cannot is refused here, with the field's path.
 */
import { z } from 'zod';
import { DefinitionError } from '../core/definition-error.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { ARTIFACT_MARK, JOB_MARK } from './schemas.ts';

export type FieldType =
  | { readonly kind: 'string' | 'id' | 'int' | 'float' | 'boolean' | 'json' | 'artifact' }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'object'; readonly fields: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Never null, and in an input never left out. */
  readonly isRequired: boolean;
  /** The schema's description, with the range and default where the text mentions none. */
  readonly description: string;
}

/** Types that JSON cannot represent, by zod's name, with what to use instead. */
const NOT_JSON: Readonly<Record<string, string>> = {
  bigint: 'z.int() or z.string()',
  custom: 'z.unknown()',
  date: 'z.iso.datetime()',
  file: 'a URL as z.url(), or job() for the file of an earlier job',
  function: 'z.string()',
  map: 'z.record(z.string(), …)',
  nan: 'z.number()',
  set: 'z.array(…)',
  symbol: 'z.string()',
  transform: 'a schema of what comes out, and transform in `run`',
  undefined: 'an optional field',
  void: 'an optional field',
};

/** Converts a schema to JSON Schema. @throws DefinitionError naming the field that JSON cannot hold */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output', where: string): JsonObject {
  try {
    const { $schema: _, ...plain } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema, path }) => {
        const { type } = zodSchema._zod.def;
        if (Object.hasOwn(NOT_JSON, type)) {
          const field = [where, ...namesIn(path)].join('.');
          throw new DefinitionError(
            `${field}: expected what JSON can hold, received a zod ${type}; take ${NOT_JSON[type]}`,
          );
        }
        // Zod attributes the examples and the default of a transformed schema to its output. Here they belong to the input.
        const { default: given, examples } = z.globalRegistry.get(zodSchema) ?? {};
        Object.assign(jsonSchema, given !== undefined && { default: given }, examples && { examples });
      },
    });
    return plain as JsonObject;
  } catch (cause) {
    if (cause instanceof DefinitionError) throw cause;
    throw new DefinitionError(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The field names in a path of a JSON Schema: `properties`, `at` gives `at`; list items have none. */
function namesIn(path: readonly (string | number)[]): readonly string[] {
  return path.flatMap((part, index) => (path[index - 1] === 'properties' ? [String(part)] : []));
}

/**
 * The fields of an object's JSON Schema.
 * @param where path for errors, for example `TRANSCODE.input`
 * @throws DefinitionError
 */
export function readFields(schema: JsonObject, where: string): readonly Field[] {
  const { properties } = schema;
  if (schema['type'] !== 'object' || !isJsonObject(properties)) {
    throw new DefinitionError(`${where}: expected z.object({ … })`);
  }
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, property]) => {
    const path = `${where}.${name}`;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('__')) {
      throw new DefinitionError(`${path}: expected a name of letters, digits and _, as GraphQL has it`);
    }
    const described = isJsonObject(property) ? property : {};
    const { isNullable, inner } = withoutNull(described, path);
    return {
      name,
      type: readType(inner, path),
      isRequired: required.includes(name) && !isNullable,
      description: describe(name, { ...inner, ...described }),
    };
  });
}

/** Removes null from the types that a schema allows. */
function withoutNull(schema: JsonObject, path: string): { isNullable: boolean; inner: JsonObject } {
  const { anyOf, type } = schema;
  if (Array.isArray(type)) {
    const types = type.filter((one) => one !== 'null');
    const [only] = types;
    if (types.length > 1 || only === undefined) throw union(path);
    return { isNullable: types.length < type.length, inner: { ...schema, type: only } };
  }
  if (!Array.isArray(anyOf)) return { isNullable: false, inner: schema };
  const kinds = anyOf.filter(isJsonObject).filter((one) => one['type'] !== 'null');
  const [only] = kinds;
  if (kinds.length > 1 || only === undefined) throw union(path);
  return { isNullable: true, inner: only };
}

function readType(schema: JsonObject, path: string): FieldType {
  if (ARTIFACT_MARK in schema) return { kind: 'artifact' };
  if (JOB_MARK in schema) return { kind: 'id' };
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems', '$ref']) if (key in schema) throw union(path);
  switch (schema['type']) {
    case 'string':
    case 'boolean':
      return { kind: schema['type'] };
    case 'integer':
      return { kind: isInt32(schema) ? 'int' : 'float' };
    case 'number':
      return { kind: 'float' };
    case 'array': {
      const { isNullable, inner } = withoutNull(isJsonObject(schema['items']) ? schema['items'] : {}, path);
      if (isNullable) throw new DefinitionError(`${path}: expected a list whose items are never null`);
      return { kind: 'list', of: readType(inner, path) };
    }
    case 'object':
      return isJsonObject(schema['properties'])
        ? { kind: 'object', fields: readFields(schema, path) }
        : { kind: 'json' };
    case undefined:
      // z.unknown() and z.any().
      return { kind: 'json' };
    default:
      throw union(path);
  }
}

/** z.int() without bounds counts as an Int, too; GraphQL's Int ends at 2^31. */
function isInt32({ minimum, maximum }: JsonObject): boolean {
  const fits = (bound: unknown): boolean =>
    typeof bound !== 'number' || Math.abs(bound) === Number.MAX_SAFE_INTEGER || Math.abs(bound) < 2 ** 31;
  return fits(minimum) && fits(maximum);
}

function union(path: string): DefinitionError {
  return new DefinitionError(
    `${path}: expected one type that GraphQL has (text, number, boolean, list, object, artifact()), received a union, tuple, ` +
      'intersection or reference; take z.unknown() for any JSON',
  );
}

/** The schema's description, with the range and default where the text mentions none. */
function describe(name: string, schema: JsonObject): string {
  const said = typeof schema['description'] === 'string' ? schema['description'] : labelOf(name);
  const facts = [rangeOf(schema), defaultOf(schema)].filter((fact) => fact !== null && !mentions(said, fact));
  if (facts.length === 0) return /[.!?]$/.test(said) ? said : `${said}.`;
  return `${said.replace(/[.:]$/, '')}: ${facts.join(', ')}.`;
}

function mentions(said: string, fact: string): boolean {
  // A text that contains a number already gives its range, in better words.
  return fact.startsWith('default') ? /\bdefault\b/i.test(said) : /\d/.test(said);
}

function rangeOf({ enum: values, maximum, maxItems, maxLength, minimum, minItems, minLength }: JsonObject) {
  if (Array.isArray(values)) return `one of ${values.map((value) => `\`${String(value)}\``).join(', ')}`;
  const [low, high, unit] =
    maxLength !== undefined || minLength !== undefined
      ? [minLength, maxLength, ' characters']
      : maxItems !== undefined || minItems !== undefined
        ? [minItems, maxItems, ' items']
        : [minimum, maximum, ''];
  const from = typeof low === 'number' && low !== -Number.MAX_SAFE_INTEGER ? low : null;
  const to = typeof high === 'number' && high !== Number.MAX_SAFE_INTEGER ? high : null;
  if (from === null && to === null) return null;
  if (to === null) return `at least ${from}${unit}`;
  return from === null ? `at most ${to}${unit}` : `${from}..${to}${unit}`;
}

function defaultOf(schema: JsonObject): string | null {
  const value = schema['default'];
  if (value === undefined || value === null) return null;
  return `default ${typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value)}`;
}

/** `minSimilarity` and `MIN_SIMILARITY` as people write it: Min similarity. */
export function labelOf(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
