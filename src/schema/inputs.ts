/** The input objects of the mutations. Their values are checked when the job is enqueued, not here. */
import type { WorkflowDefinition } from '../jobs/definition.ts';
import { type Field, type FieldType, readFields, toJsonSchema } from '../workflow/fields.ts';
import type { Builder } from './builder.ts';
import { batchInputType } from './workflow-info.ts';

const PROJECT_ID = 'The project that the job belongs to: 1 to 64 letters, digits, `_` or `-`.';
const IDEMPOTENCY_KEY =
  '1 to 200 printable ASCII characters without spaces. The same key with the same input, for the same project and kind of job within 7 days, returns the job that already exists and starts none; with different input it is refused (IDEMPOTENCY_CONFLICT). The order of fields, and defaults that are written out, make no difference.';
const MAX_ATTEMPTS =
  'Attempts before the job is FAILED: 1..10, default 3. Only errors that may be transient are retried.';
const ITEMS =
  'The items, one job each, in this order: 1 to 1,000. Errors refer to an item by its number from 0, for example `input.items.3.';
const ITEM_ATTEMPTS =
  'Attempts of each item before it is FAILED: 1..10, default 3. Only errors that may be transient are retried.';

/** What every mutation that enqueues takes besides the workflow's own fields. */
export interface JobInput {
  readonly projectId: string;
  readonly idempotencyKey?: string | null | undefined;
  readonly maxAttempts?: number | null | undefined;
}

export interface BatchInput extends JobInput {
  readonly items: readonly unknown[];
}

/** The input of a workflow's mutation. */
export function addJobInput(builder: Builder, { input, inputType, mutation, name }: WorkflowDefinition) {
  const fields = readFields(toJsonSchema(input, 'input', `${name}.input`), `${name}.input`);
  return builder.inputRef<JobInput>(inputType).implement({
    description: `What ${mutation} takes.`,
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      ...ownFields(builder, inputType, fields, t),
      idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
      maxAttempts: t.int({ description: MAX_ATTEMPTS }),
    }),
  });
}

/** The input of a workflow's batch mutation; null when it has none. */
export function addBatchInput(builder: Builder, { batch, input, mutation, name }: WorkflowDefinition) {
  if (batch === null) return null;
  const fields = readFields(toJsonSchema(input, 'input', `${name}.input`), `${name}.input`);
  const item = builder.inputRef<object>(batch.itemType).implement({
    description: `One item of ${batch.mutation}: what ${mutation} takes.`,
    fields: (t) => ownFields(builder, batch.itemType, fields, t),
  });
  const [first] = fields;
  return builder.inputRef<BatchInput>(batchInputType(batch.mutation)).implement({
    description: `What ${batch.mutation} takes.`,
    fields: (t) => ({
      projectId: t.id({ required: true, description: PROJECT_ID }),
      items: t.field({ type: [item], required: true, description: `${ITEMS}${first?.name ?? ''}\`.` }),
      idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
      maxAttempts: t.int({ description: ITEM_ATTEMPTS }),
    }),
  });
}

/** Makes input fields; its types cannot express fields that are only known when the server starts. */
interface FieldMaker {
  field(options: { type: 'String'; required: boolean; description: string }): never;
}

const SCALARS = {
  string: 'String',
  id: 'ID',
  int: 'Int',
  float: 'Float',
  boolean: 'Boolean',
  json: 'JSON',
} as const;

function ownFields(
  builder: Builder,
  owner: string,
  fields: readonly Field[],
  maker: object,
): Readonly<Record<string, never>> {
  const t = maker as FieldMaker;
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      t.field({
        type: inputType(builder, owner, field) as 'String',
        required: field.isRequired,
        description: field.description,
      }),
    ]),
  );
}

/** A field's type in Pothos' form; an object becomes a type named after its owner and the field. */
function inputType(builder: Builder, owner: string, { name, type }: Field): unknown {
  const typeOf = (of: FieldType): unknown => {
    if (of.kind === 'list') return [typeOf(of.of)];
    // A file is referred to by the job that has it.
    if (of.kind === 'artifact') return 'JSON';
    if (of.kind !== 'object') return SCALARS[of.kind];
    const typeName = `${owner.replace(/Input$/, '')}${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    return builder.inputRef<object>(typeName).implement({
      description: `\`${name}\` of ${owner}.`,
      fields: (t) => ownFields(builder, typeName, of.fields, t),
    });
  };
  return typeOf(type);
}
