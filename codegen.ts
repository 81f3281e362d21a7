import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { type DefinitionNode, Kind, type ObjectTypeDefinitionNode, parse, print } from 'graphql';

type Output = CodegenConfig['generates'][string];

/** The typed documents of one folder, in its `generated/`. */
function typedDocuments(
  folder: string,
  documentMode: 'string' | 'documentNode',
  schema = 'schema.graphql',
): Record<string, Output> {
  return {
    [`${folder}/generated/`]: {
      schema,
      documents: [`${folder}/**/*.{ts,tsx,graphql}`, `!${folder}/generated/**`, '!test/schema/*.graphql'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', JSON: 'unknown', Workflow: 'string' },
      },
    },
  };
}

/**
 * What every server has, whichever workflows are its own: a document that names one of their results is refused, and Workflow
 * is any name.
 */
function schemaOfAnyServer(): string {
  const { definitions } = parse(readFileSync('schema.graphql', 'utf8'));
  const results = definitions.filter(isResultOfWorkflow).map(({ name }) => name.value);
  const kept = definitions
    .filter((type) => !isResultOfWorkflow(type))
    .map((type): DefinitionNode => {
      if (type.kind === Kind.ENUM_TYPE_DEFINITION && type.name.value === 'Workflow') {
        return { kind: Kind.SCALAR_TYPE_DEFINITION, name: type.name };
      }
      if (type.kind !== Kind.UNION_TYPE_DEFINITION || type.types === undefined) return type;
      return { ...type, types: type.types.filter(({ name }) => !results.includes(name.value)) };
    });
  return print({ kind: Kind.DOCUMENT, definitions: kept });
}

function isResultOfWorkflow(type: DefinitionNode): type is ObjectTypeDefinitionNode {
  if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) return false;
  const isResult = type.interfaces?.some(({ name }) => name.value === 'Result') === true;
  return isResult && !['BatchResult', 'DataResult'].includes(type.name.value);
}

const config: CodegenConfig = {
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    ...typedDocuments('test', 'string'),
    ...typedDocuments('web', 'string', schemaOfAnyServer()),
    ...typedDocuments('cli', 'string', schemaOfAnyServer()),
    // Their clients take parsed documents.
    ...typedDocuments('examples/apollo', 'documentNode'),
    ...typedDocuments('examples/urql', 'documentNode'),
  },
};

export default config;
