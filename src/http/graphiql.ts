/** Serves GraphiQL, which is self-contained, under a content security policy. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { PlayheadError } from '../core/errors.ts';
import type { Workflows } from '../jobs/definition.ts';
import { GRAPHQL_PATH } from '../realtime/graphql-http.ts';
import { DASHBOARD_ROOT } from './dashboard.ts';
import { GRAPHIQL_OPTIONS, GRAPHIQL_PAGE } from './graphiql-page.ts';
import { createTabs } from './graphiql-tabs.ts';

/** Only scripts with this answer's nonce may run. The editor sets styles of its own and runs its checks in workers. */
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
 * Whether a request is for GraphiQL: a person opens /graphql in a browser, or reloads it with the last edited query in its
 * address.
 */
export function isGraphiQLRequest(path: string, { method, headers }: IncomingMessage): boolean {
  return path === GRAPHQL_PATH && method === 'GET' && String(headers.accept ?? '').includes('text/html');
}

interface GraphiQLOptions {
  /** The workflows to offer; the first has a tab. */
  readonly workflows: Workflows;
  /**
   * Subscriptions then use server-sent events: GraphiQL sends what its headers editor contains with each request, but not in
   * the connectionParams of a WebSocket.
   */
  readonly withCredentials: boolean;
  /** The path below which clients reach the server. @default '' */
  readonly basePath?: string;
}

/**
 * Returns a function that serves the page, which is read on the first request.
 * @throws PlayheadError TOOL_MISSING from the returned function when the page has not been built
 */
export function createGraphiQL(options: GraphiQLOptions): (response: ServerResponse) => Promise<void> {
  let reading: Promise<readonly string[]> | undefined;
  return async (response) => {
    reading ??= render(options).catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    const page = await reading;
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

/** The page, split where its one script begins; the script itself also contains that text. */
async function render({ basePath = '', withCredentials, workflows }: GraphiQLOptions) {
  const built = await readFile(join(DASHBOARD_ROOT, GRAPHIQL_PAGE)).catch((cause: unknown) => {
    throw new PlayheadError('TOOL_MISSING', 'GraphiQL has not been built. Run: npm run build', { cause });
  });
  const html = (await promisify(brotliDecompress)(built)).toString('utf8');
  const options = {
    title: 'Playhead',
    endpoint: `${basePath}${GRAPHQL_PATH}`,
    subscriptionsProtocol: withCredentials ? 'SSE' : 'WS',
    defaultTabs: createTabs(workflows),
  };
  const [start = '', end = ''] = html.split(GRAPHIQL_OPTIONS);
  const at = start.indexOf(SCRIPT);
  return [start.slice(0, at), `${start.slice(at + SCRIPT.length)}${JSON.stringify(options)}${end}`];
}
