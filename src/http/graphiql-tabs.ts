/** The operations that GraphiQL opens with. */
import { type ConstValueNode, type FieldNode, Kind, OperationTypeNode, print } from 'graphql';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { WorkflowDefinition, Workflows } from '../jobs/definition.ts';
import { type Field, labelOf, readFields, toJsonSchema } from '../workflow/fields.ts';

const JOB_ID = '{\n  "id": "the id of a job"\n}';

interface Tab {
  readonly query: string;
  readonly variables?: string;
}

/** The tabs that GraphiQL opens with: start a job of the first workflow, watch it, query the snapshot, list, cancel, retry. */
export function createTabs(workflows: Workflows): Tab[] {
  const [first] = workflows.values();
  return [...(first === undefined ? [] : [startTab(first)]), ...FURTHER_TABS];
}

/** The workflow's mutation with its required fields, filled from the examples in its input's schema. */
function startTab({ input, label, mutation, name }: WorkflowDefinition): Tab {
  const schema = toJsonSchema(input, 'input', `${name}.input`);
  const required = readFields(schema, `${name}.input`).filter(({ isRequired }) => isRequired);
  const properties = schema['properties'] as JsonObject;
  const values = { projectId: 'demo', ...exampleOf(required, properties) };
  const field = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: mutation },
    arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'input' }, value: toLiteral(values) }],
    selectionSet: { kind: Kind.SELECTION_SET, selections: ['id', 'status'].map(toField) },
  } as const;
  const operation = print({
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.MUTATION,
    name: { kind: Kind.NAME, value: 'Start' },
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  });
  return { query: `# ${label}: start a job. Run it, then go to the next tab to watch.\n${operation}\n` };
}

function toField(name: string): FieldNode {
  return { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
}

function exampleOf(fields: readonly Field[], schemas: JsonObject): JsonObject {
  return Object.fromEntries(fields.map((field) => [field.name, exampleValue(field, schemas[field.name])]));
}

/** The first example of a field, else a value of its type. */
function exampleValue({ name, type }: Field, schema: Json | undefined): Json {
  const { examples, enum: choices, minimum, properties } = isJsonObject(schema) ? schema : {};
  const given = Array.isArray(examples) ? examples : Array.isArray(choices) ? choices : [];
  const [first] = given as readonly Json[];
  if (first !== undefined) return first;
  switch (type.kind) {
    case 'string':
      return labelOf(name);
    case 'id':
      return 'the id of a job';
    case 'int':
    case 'float':
      return Math.max(0, Number(minimum ?? 1));
    case 'boolean':
      return true;
    case 'list':
      return [];
    case 'object':
      return exampleOf(type.fields, isJsonObject(properties) ? properties : {});
    case 'json':
    case 'artifact':
      return {};
  }
}

/** A value as written in an operation. No workflow's input has enums, so a text is always a string. */
function toLiteral(value: Json): ConstValueNode {
  if (value === null) return { kind: Kind.NULL };
  if (typeof value === 'string') {
    return { kind: Kind.STRING, value: value.trimEnd(), block: value.includes('\n') };
  }
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) };
  }
  if (Array.isArray(value)) {
    return { kind: Kind.LIST, values: value.map((item: Json) => toLiteral(item)) };
  }
  return {
    kind: Kind.OBJECT,
    fields: Object.entries(value).map(([name, one]) => ({
      ...{ kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: name }, value: toLiteral(one) },
    })),
  };
}

const FURTHER_TABS: readonly Tab[] = [
  {
    query: `# Watch every job of the project, live. Stop with the same button.
subscription Watch {
  jobEvents(projectId: "demo") {
    __typename
    ... on Event {
      id
      jobId
      attempt
      timestamp
    }
    ... on ProgressEvent {
      progressPercent
      step
      message
      metadata
    }
    ... on ErrorEvent {
      error
      code
      willRetry
    }
    ... on CompletionEvent {
      result {
        __typename
        ... on Result {
          data
          artifacts {
            url
          }
        }
      }
    }
  }
}
`,
  },
  {
    query: `# One job as it stands. To go on from here without a gap: jobEvents(after: lastEventId).
query Snapshot($id: ID!) {
  job(projectId: "demo", id: $id) {
    status
    progressPercent
    step
    message
    attempt
    maxAttempts
    eta {
      remainingSeconds
    }
    error {
      code
      message
    }
    result {
      __typename
    }
    lastEventId
  }
}
`,
    variables: JOB_ID,
  },
  {
    query: `# The newest jobs with their steps.
query Jobs {
  jobs(projectId: "demo", first: 5) {
    edges {
      node {
        id
        status
        progressPercent
        step
        steps {
          name
          status
          from
          to
        }
        lastEventId
      }
    }
  }
}
`,
  },
  {
    query: `# Cancel a job that has not ended.
mutation Cancel($id: ID!) {
  cancelJob(projectId: "demo", id: $id) {
    id
    status
  }
}
`,
    variables: JOB_ID,
  },
  {
    query: `# Retry a job that failed or was cancelled, from its last finished step.
mutation Retry($id: ID!) {
  retryJob(projectId: "demo", id: $id) {
    id
    status
    attempt
  }
}
`,
    variables: JOB_ID,
  },
];
