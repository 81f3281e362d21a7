/** The server below the path of its public URL, whether a proxy in front takes that path away or leaves it. */
import type { IncomingMessage, Server } from 'node:http';
import { GRAPHQL_PATH } from '../realtime/graphql-http.ts';

/** `/playhead` of `https://host/playhead`; empty where there is no path. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** Has everything behind this see requests and upgrades as if the server were at the root. */
export function serveBelow(http: Server, basePath: string): void {
  const localise = (request: IncomingMessage): void => {
    request.url = localTarget(request.url ?? '/', basePath);
  };
  http.prependListener('request', localise).prependListener('upgrade', localise);
}

/** The target of a request without the base path; a `/` behind `/graphql` is left out too. */
export function localTarget(target: string, basePath: string): string {
  const [path = '', ...query] = target.split('?');
  const isBelow = basePath !== '' && (path === basePath || path.startsWith(`${basePath}/`));
  const local = (isBelow ? path.slice(basePath.length) : path) || '/';
  return [local === `${GRAPHQL_PATH}/` ? GRAPHQL_PATH : local, ...query].join('?');
}
