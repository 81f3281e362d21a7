/** Tokens for browsers. */
import type { ViewerToken } from '../auth/viewer-token.ts';
import { parseProjectId } from '../jobs/enqueue.ts';
import type { Builder } from './builder.ts';

export function addViewerToken(builder: Builder): void {
  const ViewerTokenRef = builder.objectRef<ViewerToken>('ViewerToken').implement({
    description: 'A credential for a browser: it reads one project, for a short time.',
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
        'Makes a read-only token of one project for a browser, for PLAYHEAD_VIEWER_TOKEN_MINUTES at most. It expires no later than the credential that made it, and cannot make others. Errors: BAD_USER_INPUT, NOT_FOUND, FORBIDDEN (made with such a token).',
      args: {
        projectId: t.arg.id({
          required: true,
          description: 'The project: 1 to 64 letters, digits, `_` or `-`.',
        }),
      },
      resolve: (_root, { projectId }, { createViewerToken }) => createViewerToken(parseProjectId(projectId)),
    }),
  );
}
