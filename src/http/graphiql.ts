/** Serves GraphiQL, which brings all that it needs, under a content security policy. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { Workflows } from '../jobs/definition.ts';
import { GRAPHQL_PATH } from '../realtime/graphql-http.ts';
import { createTabs } from './graphiql-tabs.ts';

/** Scripts only with the nonce of this answer. The editor sets styles of its own and runs its checks in workers. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const SCRIPT = '<script>';
/**
 * Whether a request wants GraphiQL: a person opens /graphql in a browser, or loads it again, when its address holds the query
 * that was last edited.
 */
export function isGraphiQLRequest(path: string, { method, headers }: IncomingMessage): boolean {
  return path === GRAPHQL_PATH && method === 'GET' && String(headers.accept ?? '').includes('text/html');
}

interface GraphiQLOptions {
  /** What it has a tab for. */
  readonly workflows: Workflows;
  /**
   * Subscriptions then go by server-sent events: GraphiQL brings what stands in its headers editor with each request, but not
   * into the connectionParams of a WebSocket.
   */
  readonly withCredentials: boolean;
  /** The path below which clients reach the server. @default '' */
  readonly basePath?: string;
}

/** Makes the page. @returns what serves it */
export function createGraphiQL(options: GraphiQLOptions): (response: ServerResponse) => void {
  const page = render(options);
  return (response) => {
    const nonce = randomBytes(16).toString('base64');
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy(nonce),
        'cache-control': 'no-store',
      })
      .end(page.join(`<script nonce="${nonce}">`));
  };
}

/** The page, cut where its one script begins; the script itself also holds that text. */
function render({ basePath = '', withCredentials, workflows }: GraphiQLOptions): readonly string[] {
  const html = String(
    renderGraphiQL({
      title: 'Playhead',
      endpoint: `${basePath}${GRAPHQL_PATH}`,
      subscriptionsProtocol: withCredentials ? 'SSE' : 'WS',
      defaultTabs: createTabs(workflows),
    }),
  );
  const at = html.indexOf(SCRIPT);
  return [html.slice(0, at), html.slice(at + SCRIPT.length)];
}
