/** The Pothos builder to which the modules of this folder add their types; it has none itself. */
import SchemaBuilder from '@pothos/core';
import type { Json } from '../core/json.ts';
import type { SchemaContext } from './context.ts';

interface SchemaTypes {
  Context: SchemaContext;
  Scalars: {
    ID: { Input: string; Output: string };
    /** In: ms since the epoch. Out: ms since the epoch, or ISO 8601. */
    DateTime: { Input: number; Output: number | string };
    JSON: { Input: Json; Output: Json };
  };
  DefaultFieldNullability: false;
}

export type Builder = ReturnType<typeof createBuilder>;

/** Fields are non-null and arguments optional unless they say otherwise. */
export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
}
