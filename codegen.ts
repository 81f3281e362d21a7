import type { CodegenConfig } from '@graphql-codegen/cli';

type Output = CodegenConfig['generates'][string];

/** The typed documents of one folder, in its `generated/`. */
function typedDocuments(folder: string, documentMode: 'string' | 'documentNode'): Record<string, Output> {
  return {
    [`${folder}/generated/`]: {
      documents: [`${folder}/**/*.{ts,tsx,graphql}`, `!${folder}/generated/**`, '!test/schema/*.graphql'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode,
        enumsAsTypes: true,
        onlyOperationTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', JSON: 'unknown' },
      },
    },
  };
}

const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    ...typedDocuments('test', 'string'),
    ...typedDocuments('web', 'string'),
    ...typedDocuments('cli', 'string'),
    // Their clients take parsed documents.
    ...typedDocuments('examples/apollo', 'documentNode'),
    ...typedDocuments('examples/urql', 'documentNode'),
  },
};

export default config;
