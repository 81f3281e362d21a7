/** Serves GraphiQL, which brings all that it needs, under a content security policy. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { GRAPHQL_PATH } from '../realtime/graphql-http.ts';
import { GRAPHIQL_TABS } from './graphiql-tabs.ts';

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
/** Subscriptions by which transport. */
type Transport = 'WS' | 'SSE';
/** Each page is made once; by transport and endpoint. */
const pages = new Map<string, readonly string[]>();

/**
 * Whether a request wants GraphiQL: a person opens /graphql in a browser, or loads it again, when its address holds the query
 * that was last edited.
 */
export function isGraphiQLRequest(path: string, { method, headers }: IncomingMessage): boolean {
  return path === GRAPHQL_PATH && method === 'GET' && String(headers.accept ?? '').includes('text/html');
}

/**
 * Serves the page.
 * @param options.withCredentials subscriptions then go by server-sent events: GraphiQL brings what stands in its headers editor
 *   with each request, but not into the connectionParams of a WebSocket
 * @param options.basePath below which clients reach the server
 */
export function serveGraphiQL(
  response: ServerResponse,
  { withCredentials, basePath = '' }: { readonly withCredentials: boolean; readonly basePath?: string },
): void {
  const transport = withCredentials ? 'SSE' : 'WS';
  const endpoint = `${basePath}${GRAPHQL_PATH}`;
  const key = `${transport} ${endpoint}`;
  const page = pages.get(key) ?? render(transport, endpoint);
  pages.set(key, page);
  const nonce = randomBytes(16).toString('base64');
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(nonce),
      'cache-control': 'no-store',
    })
    .end(page.join(`<script nonce="${nonce}">`));
}

/** The page, cut where its one script begins; the script itself also holds that text. */
function render(subscriptionsProtocol: Transport, endpoint: string): readonly string[] {
  const html = String(
    renderGraphiQL({
      title: 'Playhead',
      endpoint,
      subscriptionsProtocol,
      defaultTabs: GRAPHIQL_TABS,
    }),
  );
  const at = html.indexOf(SCRIPT);
  return [html.slice(0, at), html.slice(at + SCRIPT.length)];
}
