/** The scalars that GraphQL does not define itself. */
import { GraphQLError } from 'graphql';
import type { Builder } from './builder.ts';

export function addScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description:
      'A moment as an ISO 8601 string in UTC with milliseconds, for example `2026-01-31T09:30:00.000Z`. As an input, any ISO 8601 date-time with a zone is accepted.',
    serialize: (value) => new Date(value).toISOString(),
    parseValue: parseDateTime,
  });

  builder.scalarType('JSON', {
    description:
      'Any JSON value: object, list, string, number, boolean or null. Each field of this type describes its shape.',
    serialize: (value) => value,
  });
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseDateTime(value: unknown): number {
  const time = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new GraphQLError('DateTime takes ISO 8601 text with a zone, such as 2026-01-31T09:30:00.000Z');
  }
  return time;
}
