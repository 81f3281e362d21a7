/** The fields of a form, from a workflow's input as JSON Schema. Pure. */

/** The parts of a JSON Schema that forms use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly multiline?: boolean;
  readonly 'x-playhead-job'?: string;
}

/** A bound of a number, inclusive or exclusive. */
export interface End {
  readonly at: number;
  readonly included: boolean;
}

export type FieldKind =
  | { readonly name: 'text'; readonly long: boolean; readonly least: number; readonly most: number | null }
  | { readonly name: 'number'; readonly whole: boolean; readonly low: End | null; readonly high: End | null }
  | { readonly name: 'choice'; readonly values: readonly (string | number)[] }
  | { readonly name: 'switch' }
  /** `workflow`: whose jobs are offered; null: those of any. */
  | { readonly name: 'job'; readonly workflow: string | null }
  | {
      readonly name: 'list';
      readonly of: 'text' | 'number';
      readonly least: number;
      readonly most: number | null;
    }
  | { readonly name: 'json' };

export interface FormField {
  readonly name: string;
  readonly kind: FieldKind;
  /** The schema's title; null: only the name is known. */
  readonly title: string | null;
  readonly description: string | null;
  readonly required: boolean;
  /** The server's default, as a user would enter it; null: the schema has none, or it is empty. */
  readonly default: string | null;
  /** As a user would enter them. */
  readonly examples: readonly string[];
}

/** @param inputSchema `WorkflowInfo.inputSchema`; anything else has no fields */
export function readFields(inputSchema: unknown): readonly FormField[] {
  const { properties = {}, required = [] } = (inputSchema ?? {}) as Schema;
  return Object.entries(properties).map(([name, property]) => {
    const inner = withoutNull(property);
    const schema = { ...inner, ...property };
    const kind = kindOf(inner, schema);
    return {
      name,
      kind,
      title: schema.title ?? null,
      description: schema.description ?? null,
      required: required.includes(name) && schema.default === undefined && inner === property,
      default: asEntered(kind, schema.default),
      examples: (schema.examples ?? []).map((one) => asEntered(kind, one)).filter((one) => one !== null),
    };
  });
}

/** A value as a user would enter it; null: nothing. */
export function asEntered(kind: FieldKind, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (kind.name === 'list' && Array.isArray(value)) return value.length === 0 ? null : value.join('\n');
  return kind.name === 'json' ? JSON.stringify(value, null, 2) : String(value);
}

/** Removes null from the schema: a nullable field may be omitted. @returns the schema itself if it is not nullable */
function withoutNull(schema: Schema): Schema {
  const { anyOf, type } = schema;
  if (Array.isArray(type) && type.includes('null')) {
    const others = type.filter((one) => one !== 'null');
    return { ...schema, type: others.length === 1 ? others[0] : others };
  }
  const others = anyOf?.filter((one) => one.type !== 'null') ?? [];
  const [only] = others;
  return only !== undefined && others.length === 1 ? only : schema;
}

/** @param outer includes keywords of the field itself, such as `multiline` */
function kindOf(inner: Schema, outer: Schema): FieldKind {
  const job = outer['x-playhead-job'];
  if (job !== undefined) return { name: 'job', workflow: job === '*' ? null : job };
  const values = inner.enum ?? (inner.const === undefined ? undefined : [inner.const]);
  if (values?.every((value) => typeof value === 'string' || typeof value === 'number')) {
    return { name: 'choice', values: values as readonly (string | number)[] };
  }
  switch (inner.type) {
    case 'string':
      return {
        name: 'text',
        long: outer.multiline === true,
        least: inner.minLength ?? 0,
        most: inner.maxLength ?? null,
      };
    case 'integer':
    case 'number':
      return { name: 'number', whole: inner.type === 'integer', low: lowOf(inner), high: highOf(inner) };
    case 'boolean':
      return { name: 'switch' };
    case 'array':
      return listOf(inner);
    default:
      return { name: 'json' };
  }
}

function listOf({ items = {}, maxItems, minItems }: Schema): FieldKind {
  const isText = items.type === 'string';
  if (!isText && items.type !== 'number' && items.type !== 'integer') return { name: 'json' };
  return { name: 'list', of: isText ? 'text' : 'number', least: minItems ?? 0, most: maxItems ?? null };
}

function lowOf({ exclusiveMinimum, minimum }: Schema): End | null {
  if (exclusiveMinimum !== undefined) return { at: exclusiveMinimum, included: false };
  // zod's bound for a whole number that has none of its own.
  return minimum === undefined || minimum === Number.MIN_SAFE_INTEGER
    ? null
    : { at: minimum, included: true };
}

function highOf({ exclusiveMaximum, maximum }: Schema): End | null {
  if (exclusiveMaximum !== undefined) return { at: exclusiveMaximum, included: false };
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? null
    : { at: maximum, included: true };
}
