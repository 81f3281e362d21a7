/** What a token's claims allow, however its issuer writes them. */
import { expect, test } from 'vitest';
import { readGrantClaims } from '../../src/auth/grant-claims.ts';

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `p${index}`);

test.each([
  [
    { projects: ['a', 'b'], scope: 'write' },
    { projects: ['a', 'b'], scope: 'write' },
  ],
  [
    { projects: 'a', scope: 'openid read email' },
    { projects: ['a'], scope: 'read' },
  ],
  [
    { projects: ['a'], scope: ['read', 'write', 'profile'] },
    { projects: ['a'], scope: 'write' },
  ],
  [
    { projects: 'a', scope: 'admin read' },
    { projects: ['a'], scope: 'admin' },
  ],
  [
    { projects: '*', scope: 'admin' },
    { projects: '*', scope: 'admin' },
  ],
  [
    { projects: ['*'], scope: 'admin' },
    { projects: '*', scope: 'admin' },
  ],
  [
    { projects: many(200), scope: 'read' },
    { projects: many(200), scope: 'read' },
  ],
])('%j is understood', (claims, expected) => {
  expect(readGrantClaims({ sub: 'somebody', ...claims })).toEqual(expected);
});

test.each([
  [{ projects: '*', scope: 'write' }],
  [{ projects: ['*'], scope: 'read' }],
  [{ projects: ['*', 'a'], scope: 'admin' }],
  [{ projects: [], scope: 'read' }],
  [{ projects: many(201), scope: 'read' }],
  [{ projects: ['a b'], scope: 'read' }],
  [{ projects: 'a'.repeat(65), scope: 'read' }],
  [{ projects: 'a', scope: 'reader' }],
  [{ projects: 'a', scope: '' }],
  [{ projects: 'a' }],
  [{ scope: 'read' }],
  [null],
])('%j is no grant', (claims) => {
  expect(readGrantClaims(claims)).toBeNull();
});
