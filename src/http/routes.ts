/** Maps paths to what answers them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Viewer } from '../auth/viewer.ts';
import { ERRORS, type ErrorCode, PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { readOut } from '../core/read-body.ts';
import type { Secret } from '../core/secret.ts';
import { artifactKey, contentTypeOf } from '../jobs/files.ts';
import { serveMetrics } from '../observe/observation.ts';
import { GRAPHQL_PATH, type GraphQLEndpoint } from '../realtime/graphql-http.ts';
import { refusalHeaders } from '../realtime/limits.ts';
import type { RetainedData } from '../realtime/operation-memory.ts';
import type { FileStore, StoreFault } from '../store/store.ts';
import { isDashboardPath, serveDashboard } from './dashboard.ts';
import { sendFile } from './file-serving.ts';
import type { Gate } from './gate.ts';
import { isGraphiQLRequest } from './graphiql.ts';
import { isWebhookPath, takeVideoNotice, type VideoWebhook } from './webhooks.ts';

export interface Readiness {
  /** Null when ready; otherwise why not. */
  readonly reason: string | null;
  /** What does not work even though the process is ready. */
  readonly degraded?: string;
}

/**
 * An unreachable store does not take a process out of the load balancer: all would be removed at once, along with everybody's
 * subscriptions, when only files are missing.
 */
export function readinessOf(
  reason: string | null,
  warning: string | null,
  store: StoreFault | null,
): Readiness {
  if (reason !== null) return { reason };
  if (store?.kind === 'settings') return { reason: store.message };
  const degraded = [warning, store?.message ?? null].filter((fault) => fault !== null).join('; ');
  return degraded === '' ? { reason } : { reason, degraded };
}

export interface Routes {
  /** The path below which clients reach this server; empty at the root. */
  readonly basePath: string;
  readonly endpoint: GraphQLEndpoint;
  readonly gate: Gate;
  /** Serves GraphiQL; null if it is off. */
  readonly graphiql: ((response: ServerResponse) => Promise<void>) | null;
  readonly files: FileStore;
  readonly logger: Logger;
  readonly ready: () => Promise<Readiness>;
  readonly webhook: VideoWebhook;
  readonly metricsToken: Secret | undefined;
}

/** Returns the request handler: it sets the gate's headers, runs the route, and turns an error into a GraphQL answer. */
export function createRoutes(routes: Routes) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    routes.gate.setHeaders(request, response);
    const path = request.url?.split('?')[0] ?? '/';
    route(path, request, response, routes).catch((err: unknown) => {
      if (err instanceof PlayheadError && !response.headersSent) return refuse(response, err);
      // A webhook's path contains its secret.
      routes.logger.error({ err, path: isWebhookPath(path) ? '/webhooks' : path }, 'request failed');
      if (!response.headersSent) fail(response, 'INTERNAL');
      else response.destroy();
    });
  };
}

async function route(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
): Promise<void> {
  if (routes.gate.answerPreflight(request, response)) return;
  if (path !== GRAPHQL_PATH && !isWebhookPath(path)) await readOut(request, response);
  if (path === GRAPHQL_PATH) response.appendHeader('vary', 'accept');
  if (routes.graphiql !== null && isGraphiQLRequest(path, request)) {
    await routes.graphiql(response);
  } else if (path === GRAPHQL_PATH) {
    await routes.endpoint(request, response, {
      enter: () => routes.gate.enterRequest(request),
      enterStream: (viewer: Viewer, held: RetainedData) =>
        routes.gate.enterStream(viewer, request, response, held),
    });
  } else if (isDashboardPath(path)) {
    await serveDashboardPath(path, request, response, routes.basePath);
  } else if (path === '/healthz') {
    answer(response, 200, { status: 'ok' });
  } else if (path === '/readyz') {
    answerReadiness(response, await routes.ready());
  } else if (path === '/metrics') {
    await routes.gate.enterMetrics(request, routes.metricsToken);
    await serveMetrics(request, response);
  } else if (isWebhookPath(path)) {
    await serveWebhook(path, request, response, routes.webhook);
  } else if (path.startsWith('/files/')) {
    await serveFile(path.slice('/files/'.length), request, response, routes);
  } else {
    fail(response, 'NOT_FOUND');
  }
}

function answerReadiness(response: ServerResponse, { reason, degraded }: Readiness): void {
  if (reason !== null) answer(response, 503, { status: 'not ready', reason });
  else answer(response, 200, { status: 'ready', ...(degraded && { degraded }) });
}

async function serveDashboardPath(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  basePath: string,
): Promise<void> {
  const served = await serveDashboard(path, request, response, { basePath });
  const location = `${basePath}${GRAPHQL_PATH}`;
  if (!served && path === '/') response.writeHead(302, { location }).end();
  else if (!served) fail(response, 'NOT_FOUND');
}

async function serveWebhook(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  webhook: VideoWebhook,
): Promise<void> {
  const status = await takeVideoNotice(path, request, webhook);
  await readOut(request, response);
  if (status === 204) return void response.writeHead(204).end();
  if (status === 404) return fail(response, 'NOT_FOUND');
  if (status === 503) return fail(response, 'UNAVAILABLE');
  if (status === 405) response.setHeader('allow', 'POST');
  answer(response, status, { code: 'BAD_USER_INPUT', message: 'expected POST with JSON of at most 64 KB' });
}

/** Serves an artifact; anything else is NOT_FOUND. */
async function serveFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { files, gate }: Routes,
): Promise<void> {
  const [projectId = '', jobId = '', ...name] = path.split('/');
  const contentType = contentTypeOf(path);
  const key = artifactKey(projectId, jobId, name.join('/'));
  if (key === null || contentType === null) return fail(response, 'NOT_FOUND');
  await gate.enterFile(key, request);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, { code: 'BAD_USER_INPUT', message: 'method: expected GET or HEAD' });
  }
  const outcome = await sendFile(files, { key, contentType }, request, response);
  if (outcome === 'missing') return fail(response, 'NOT_FOUND');
  if (outcome === 'unsatisfiable')
    return answer(response, 416, { code: 'BAD_USER_INPUT', message: 'range: not satisfiable' });
  if (outcome === 'changed')
    answer(response, 412, { code: 'BAD_USER_INPUT', message: 'if-match: the file has changed' });
}

/** Refuses, with a body that is also a GraphQL answer, since clients of the API read that. */
function refuse(
  response: ServerResponse,
  { code, message, details, retryAfterSeconds }: PlayheadError,
): void {
  response.setHeaders(new Headers(refusalHeaders(code, retryAfterSeconds)));
  const extensions = { code, ...(details && { details }), ...(retryAfterSeconds && { retryAfterSeconds }) };
  answer(response, ERRORS[code].status, { code, message, errors: [{ message, extensions }] });
}

function fail(response: ServerResponse, code: ErrorCode): void {
  answer(response, ERRORS[code].status, { code, message: ERRORS[code].meaning });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
