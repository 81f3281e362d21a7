/** Who asks: what a page needs to know before it shows a form that would be refused. */
import type { Grant, Scope } from '../auth/viewer.ts';
import type { Builder } from './builder.ts';

const SCOPE_NAMES = { READ: 'read', WRITE: 'write', ADMIN: 'admin' } as const satisfies Record<string, Scope>;

export function addViewer(builder: Builder): void {
  const ScopeEnum = builder.enumType('Scope', {
    description: 'What a credential may do in its projects; each includes those before it.',
    values: {
      READ: { value: SCOPE_NAMES.READ, description: 'Query jobs and follow their events.' },
      WRITE: { value: SCOPE_NAMES.WRITE, description: 'Start, cancel and retry jobs too.' },
      ADMIN: {
        value: SCOPE_NAMES.ADMIN,
        description: 'The same, and it alone may be given for all projects.',
      },
    },
  });

  const ViewerRef = builder.objectRef<Grant>('Viewer').implement({
    description: 'What the credential of this request permits. Without authentication: everything.',
    fields: (t) => ({
      scope: t.expose('scope', { type: ScopeEnum, description: 'What it may do.' }),
      projects: t.idList({
        nullable: true,
        description: 'Ids of the projects that it is for; null: all.',
        resolve: ({ projects }) => (projects === '*' ? null : [...projects]),
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it runs out; null: not by itself.',
      }),
    }),
  });

  builder.queryField('viewer', (t) =>
    t.field({
      type: ViewerRef,
      description:
        'What the credential of this request permits; also a way to check a credential. Errors: UNAUTHENTICATED, UNAVAILABLE.',
      resolve: (_root, _args, { viewer }) => viewer,
    }),
  );
}
