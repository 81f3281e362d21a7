/** Serves below the path of the public URL, whether or not a proxy in front strips that path. */
import type { IncomingMessage, Server } from 'node:http';
import { GRAPHQL_PATH } from '../realtime/graphql-http.ts';

/** `/playhead` for `https://host/playhead`; empty without a path. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** Makes all other listeners see requests and upgrades as if the server were at the root. */
export function serveBelow(http: Server, basePath: string): void {
  const localise = (request: IncomingMessage): void => {
    request.url = localTarget(request.url ?? '/', basePath);
  };
  http.prependListener('request', localise).prependListener('upgrade', localise);
}

/** The target of a request without the base path; a `/` after `/graphql` is also removed. */
export function localTarget(target: string, basePath: string): string {
  const [path = '', ...query] = target.split('?');
  const isBelow = basePath !== '' && (path === basePath || path.startsWith(`${basePath}/`));
  const local = (isBelow ? path.slice(basePath.length) : path) || '/';
  return [local === `${GRAPHQL_PATH}/` ? GRAPHQL_PATH : local, ...query].join('?');
}
