/** Tokens for browsers. */
import type { Scope } from '../auth/viewer.ts';
import type { DelegatedScope, ViewerToken } from '../auth/viewer-token.ts';
import { badInput } from '../core/errors.ts';
import { parseProjectId } from '../jobs/project-id.ts';
import type { Builder } from './builder.ts';
import { PROJECT_ID } from './query.ts';
import type { ScopeRef } from './viewer.ts';

/** @throws PlayheadError BAD_USER_INPUT */
function parseScope(scope: Scope): DelegatedScope {
  if (scope === 'read' || scope === 'report') return scope;
  throw badInput('scope', 'READ or REPORT', scope.toUpperCase());
}

export function addViewerToken(builder: Builder, scope: ScopeRef): void {
  const ViewerTokenRef = builder.objectRef<ViewerToken>('ViewerToken').implement({
    description:
      'A credential for a browser, or for a task that runs elsewhere: for a limited time it reads one project or one job, or reports a project’s tracked jobs.',
    fields: (t) => ({
      token: t.exposeString('token', {
        description:
          'Send it as `Authorization: Bearer TOKEN`, or in connectionParams of a WebSocket as `{"authorization": "Bearer TOKEN"}`.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'When it expires. A WebSocket is then closed with 4403; reconnect with a new token.',
      }),
    }),
  });

  builder.mutationField('createViewerToken', (t) =>
    t.field({
      type: ViewerTokenRef,
      description:
        'Makes a token of one project, or of one of its jobs: for a browser one that reads, for a task that runs elsewhere one that reports. It expires no later than the credential that made it, and cannot make others. Errors: BAD_USER_INPUT, NOT_FOUND, FORBIDDEN (made with such a token, or without the scope itself), UNAVAILABLE.',
      args: {
        projectId: t.arg.id({
          required: true,
          description: PROJECT_ID,
        }),
        scope: t.arg({
          type: scope,
          defaultValue: 'read',
          description: 'What it may do: READ or REPORT.',
        }),
        jobId: t.arg.id({
          description:
            'The only job that it reads, with its events and files, and nothing else: neither a list nor any other job, not even the items of a batch or the batch of an item. With READ only. Null: every job of the project.',
        }),
        lifetimeSeconds: t.arg.int({
          description:
            'Seconds until it expires: 60 to PLAYHEAD_VIEWER_TOKEN_MINUTES, which is the default; with `jobId` up to 2,592,000 (30 days).',
        }),
      },
      resolve: (_root, { projectId, scope: asked, jobId, lifetimeSeconds }, { createViewerToken }) => {
        const allowed = parseScope(asked ?? 'read');
        if (jobId != null && allowed !== 'read') throw badInput('scope', 'READ with jobId', 'REPORT');
        return createViewerToken({
          projectId: parseProjectId(projectId),
          jobId: jobId ?? undefined,
          scope: allowed,
          lifetimeSeconds: lifetimeSeconds ?? undefined,
        });
      },
    }),
  );
}
