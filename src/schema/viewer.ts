/** The viewer: what a page needs to know before it shows a form that would be refused. */
import type { Scope } from '../auth/viewer.ts';
import type { Builder } from './builder.ts';
import type { ShownViewer } from './context.ts';

const SCOPE_NAMES = {
  REPORT: 'report',
  READ: 'read',
  WRITE: 'write',
  ADMIN: 'admin',
} as const satisfies Record<string, Scope>;

export type ScopeRef = ReturnType<typeof addScope>;

export function addScope(builder: Builder) {
  return builder.enumType('Scope', {
    description: 'What a credential may do in its projects.',
    values: {
      REPORT: {
        value: SCOPE_NAMES.REPORT,
        description: 'Report tracked jobs (trackJob and the reports), and nothing else.',
      },
      READ: { value: SCOPE_NAMES.READ, description: 'Query jobs and follow their events.' },
      WRITE: {
        value: SCOPE_NAMES.WRITE,
        description: 'The same, start, cancel and retry jobs, and report tracked ones.',
      },
      ADMIN: {
        value: SCOPE_NAMES.ADMIN,
        description: 'The same, and it alone may be given for all projects.',
      },
    },
  });
}

export function addViewer(builder: Builder, scope: ScopeRef): void {
  const ViewerRef = builder.objectRef<ShownViewer>('Viewer').implement({
    description: 'What the credential of this request permits. Without authentication: everything.',
    fields: (t) => ({
      scope: t.expose('scope', { type: scope, description: 'What it may do.' }),
      projects: t.idList({
        nullable: true,
        description: 'Ids of the projects that it is for; null: all.',
        resolve: ({ projects }) => (projects === '*' ? null : [...projects]),
      }),
      jobId: t.id({
        nullable: true,
        description: 'Id of the only job that it reads; null: every job of its projects.',
        resolve: ({ jobId }) => jobId,
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
