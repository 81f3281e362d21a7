/** Serves the built dashboard (web/dist): files with a hash in their name are cached forever, the page itself never is. */
import { access, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import send from 'send';

/** Where `npm run build` puts it. */
export const DASHBOARD_ROOT = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Allows only the page's own files: no inline script or style, nothing from another host, no framing. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const YEAR_MS = 31_536_000_000;
const FILE = /^\/(?:assets\/[A-Za-z0-9_.-]+|theme\.js|favicon\.svg)$/;
const COMPRESSED = /\.(?:html|js|css|svg)$/;

/** Whether a path belongs to the dashboard: one of its files or pages (`/`, `/p/…`). */
export function isDashboardPath(path: string): boolean {
  return path === '/' || path.startsWith('/p/') || FILE.test(path);
}

/**
 * Serves a file or, for a page, index.html, in the smallest encoding that the client accepts.
 * @param options.basePath the path below which clients reach the server, such as `/playhead`
 * @returns false when the dashboard has not been built or has no such file; nothing has been sent in that case
 */
export async function serveDashboard(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { root = DASHBOARD_ROOT, basePath = '' }: { readonly root?: string; readonly basePath?: string } = {},
): Promise<boolean> {
  const name = FILE.test(path) ? path.slice(1) : 'index.html';
  if (name === 'index.html' && basePath !== '') return servePageBelow(basePath, root, response);
  const encoding = await chooseEncoding(root, name, request);
  if (encoding === null) return false;
  const stream = send(request, `${name}${SUFFIXES[encoding]}`, {
    root,
    index: false,
    dotfiles: 'deny',
    ...(name.startsWith('assets/') ? { maxAge: YEAR_MS, immutable: true } : { cacheControl: false }),
  });
  stream.on('headers', (headers: ServerResponse) => {
    for (const [header, value] of Object.entries(headersOf(name))) headers.setHeader(header, value);
    if (COMPRESSED.test(name)) headers.appendHeader('vary', 'accept-encoding');
    if (encoding !== 'identity') headers.setHeader('content-encoding', encoding);
  });
  return new Promise((resolve, reject) => {
    stream.on('error', (error: Error & { status?: number }) => {
      if (error.status === 404) resolve(false);
      else reject(error);
    });
    response.once('close', () => resolve(true));
    stream.pipe(response);
  });
}

/** Serves the page with the base path prepended to its own addresses; it is small enough to be sent uncompressed. */
async function servePageBelow(basePath: string, root: string, response: ServerResponse): Promise<boolean> {
  const page = await readFile(`${root}/index.html`, 'utf8').catch(() => null);
  if (page === null) return false;
  response.writeHead(200, headersOf('index.html')).end(page.replaceAll('="/', `="${basePath}/`));
  return true;
}

function headersOf(name: string): Record<string, string> {
  return {
    'content-type': contentType(name),
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'referrer-policy': 'same-origin',
    ...(!name.startsWith('assets/') && { 'cache-control': 'no-cache' }),
  };
}

type Encoding = keyof typeof SUFFIXES;
const SUFFIXES = { br: '.br', gzip: '.gz', identity: '' } as const;

/** Null when there is no such file. */
async function chooseEncoding(
  root: string,
  name: string,
  request: IncomingMessage,
): Promise<Encoding | null> {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const wanted: readonly Encoding[] = ['br', 'gzip'];
  const candidates = COMPRESSED.test(name) ? wanted.filter((encoding) => accepted.includes(encoding)) : [];
  for (const encoding of [...candidates, 'identity'] as const) {
    const exists = await access(`${root}/${name}${SUFFIXES[encoding]}`).then(
      () => true,
      () => false,
    );
    if (exists) return encoding;
  }
  return null;
}

function contentType(name: string): string {
  const ending = name.slice(name.lastIndexOf('.'));
  switch (ending) {
    case '.html':
      return 'text/html; charset=utf-8';
    case '.js':
      return 'text/javascript; charset=utf-8';
    case '.css':
      return 'text/css; charset=utf-8';
    case '.svg':
      return 'image/svg+xml';
    case '.woff2':
      return 'font/woff2';
    default:
      return 'application/octet-stream';
  }
}
