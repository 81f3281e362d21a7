/** What each workflow returns, and the union of them. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { BatchResult, JobResult, StoredFile } from '../jobs/contract.ts';
import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import { DATA_RESULT, linkedFile, readTrackedResult, TRACKED_RESULT } from '../jobs/tracked-result.ts';
import { type Field, type FieldType, readFields, toJsonSchema } from '../workflow/fields.ts';
import type { ArtifactRef } from './artifact.ts';
import type { Builder } from './builder.ts';

export type Results = ReturnType<typeof addResults>;

export function addResults(builder: Builder, workflows: Workflows, artifact: ArtifactRef) {
  const result = addResultInterface(builder, artifact);
  const batch = builder.objectRef<BatchResult>('BatchResult').implement({
    description: 'Result of a batch: how its items ended. Their own results and errors are in Job.items.',
    interfaces: [result],
    fields: (t) => ({
      total: t.exposeInt('total', { description: 'Number of items: succeeded + failed + cancelled.' }),
      succeeded: t.exposeInt('succeeded', { description: 'Items that ended COMPLETED.' }),
      failed: t.exposeInt('failed', { description: 'Items that ended FAILED.' }),
      cancelled: t.exposeInt('cancelled', { description: 'Items that ended CANCELLED.' }),
    }),
  });
  const unknown = builder.objectRef<JobResult>(DATA_RESULT).implement({
    description:
      'The result of a tracked job, as its task reported it; and any result for which this server has no type, such as one made by a newer worker.',
    interfaces: [result],
  });
  const own = [...workflows.values()].map((workflow) => addResult(builder, workflow, { artifact, result }));
  const known = new Set([
    'BatchResult',
    TRACKED_RESULT,
    ...[...workflows.values()].map(({ resultType }) => resultType),
  ]);
  return {
    union: builder.unionType('JobResult', {
      description:
        'What a completed job made; the job’s taskName determines which. Each is also a Result, so that a client can show one that it does not know.',
      // The refs have different types, but the union tells its members apart by name.
      types: [...own, batch, unknown] as (typeof unknown)[],
      resolveType: typeOf,
    }),
    /** Gives a stored result a type that this schema has. */
    read: (stored: Json): JobResult => {
      const fields: JsonObject = isJsonObject(stored) ? stored : { value: stored };
      const type = fields['type'];
      return { ...fields, type: typeof type === 'string' && known.has(type) ? type : DATA_RESULT };
    },
  };
}

function addResultInterface(builder: Builder, artifact: ArtifactRef) {
  return builder.interfaceRef<JobResult | BatchResult>('Result').implement({
    description: 'What every result has.',
    resolveType: typeOf,
    fields: (t) => ({
      artifacts: t.field({
        type: [artifact],
        description: 'All its files, in the order of its fields.',
        resolve: (result) => {
          const links = readTrackedResult(result)?.links;
          return links?.map(linkedFile) ?? Object.values(result).flatMap(filesIn);
        },
      }),
      data: t.field({
        type: 'JSON',
        description: 'All its fields that are no files, as an object; of a tracked job, any JSON.',
        resolve: (result) => {
          const { type: _, ...fields } = result;
          const plain = Object.entries(fields).filter(([, value]) => filesIn(value).length === 0);
          return readTrackedResult(result)?.data ?? Object.fromEntries(plain);
        },
      }),
    }),
  });
}

function typeOf({ type }: JobResult | BatchResult): string {
  return type === TRACKED_RESULT ? DATA_RESULT : type;
}

/** The files in a value: itself, or the items of a list. */
function filesIn(value: Json): readonly StoredFile[] {
  const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return values.filter(isStoredFile);
}

function isStoredFile(value: Json): value is Json & StoredFile {
  if (!isJsonObject(value)) return false;
  const { contentType, path, sizeBytes } = value;
  return typeof path === 'string' && typeof contentType === 'string' && typeof sizeBytes === 'number';
}

interface ResultParts {
  readonly artifact: ArtifactRef;
  readonly result: ReturnType<typeof addResultInterface>;
}

function addResult(builder: Builder, workflow: WorkflowDefinition, { artifact, result }: ResultParts) {
  const { name, resultType, result: schema } = workflow;
  const where = `${name}.result`;
  const said = schema.description;
  return builder.objectRef<JobResult>(resultType).implement({
    description: `Result of the workflow ${name}${said === undefined ? '' : `: ${said.replace(/\.$/, '')}`}.`,
    interfaces: [result],
    fields: (t) =>
      Object.fromEntries(
        readFields(toJsonSchema(schema, 'output', where), where).map((field) => [
          field.name,
          t.field({
            type: outputType(builder, `${resultType}`, field, artifact) as 'JSON',
            nullable: !field.isRequired,
            description: field.description,
            resolve: (stored) => stored[field.name] ?? null,
          }),
        ]),
      ),
  });
}

const SCALARS = {
  string: 'String',
  id: 'ID',
  int: 'Int',
  float: 'Float',
  boolean: 'Boolean',
  json: 'JSON',
} as const;

/** A field's type in Pothos' form; an object becomes a type named after its owner and the field. */
function outputType(builder: Builder, owner: string, { name, type }: Field, artifact: ArtifactRef): unknown {
  const typeOf = (of: FieldType): unknown => {
    if (of.kind === 'list') return [typeOf(of.of)];
    if (of.kind === 'artifact') return artifact;
    if (of.kind !== 'object') return SCALARS[of.kind];
    const typeName = `${owner}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return builder.objectRef<JsonObject>(typeName).implement({
      description: `\`${name}\` of ${owner}.`,
      fields: (t) =>
        Object.fromEntries(
          of.fields.map((field) => [
            field.name,
            t.field({
              type: outputType(builder, typeName, field, artifact) as 'JSON',
              nullable: !field.isRequired,
              description: field.description,
              resolve: (stored) => stored[field.name] ?? null,
            }),
          ]),
        ),
    });
  };
  return typeOf(type);
}
