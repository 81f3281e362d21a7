/** What the connections have in common (Relay). */
import { badInput } from '../core/errors.ts';
import type { Builder } from './builder.ts';

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export type PageInfoRef = ReturnType<typeof addPageInfo>;

export function addPageInfo(builder: Builder) {
  return builder.objectRef<PageInfo>('PageInfo').implement({
    description: 'Where a page of a connection begins and ends (Relay).',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether more follow; ask for them with after: endCursor.',
      }),
      hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
        description: 'Whether this page was asked for with `after`.',
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'Cursor of the page’s first place; null for an empty page.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description:
          'Cursor of the page’s last place; null for an empty page. It stays valid after that job has been removed.',
      }),
    }),
  });
}

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** @throws PlayheadError BAD_USER_INPUT */
export function parsePageSize(first: number | null | undefined): number {
  if (first == null) return DEFAULT_PAGE_SIZE;
  if (first < 1 || first > MAX_PAGE_SIZE) {
    throw badInput('first', `a whole number from 1 to ${MAX_PAGE_SIZE}`, first);
  }
  return first;
}
