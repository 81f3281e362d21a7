import { z } from 'zod';

/** Keywords that OpenAI's strict structured outputs reject (see its guide, "Supported schemas"); we check them here. */
const UNSUPPORTED = new Set([
  '$schema',
  'default',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'pattern',
  'format',
]);

/** The JSON schema that a model's answer must follow, reduced to what every server understands. */
export function toWireSchema(schema: z.ZodType<unknown>): unknown {
  return strip(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }));
}

function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => !UNSUPPORTED.has(key));
  const copy = Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]));
  if (copy['type'] === 'object') copy['additionalProperties'] = false;
  return copy;
}
