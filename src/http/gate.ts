/**
 * Guards every request and upgrade: whether this server is meant (Host), where a page comes from (Origin, CORS), security
 * headers, who asks, and how much. The schema's context does the rest (schema/guarded-context.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authentication } from '../auth/authentication.ts';
import { bearsToken } from '../auth/bearer-token.ts';
import type { FileLinks } from '../auth/file-links.ts';
import type { RateLimit } from '../auth/rate-limit.ts';
import type { Sessions } from '../auth/sessions.ts';
import { requireJobAccess, type Viewer } from '../auth/viewer.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { nothing } from '../core/nothing.ts';
import type { Secret } from '../core/secret.ts';
import type { Access, UpgradeDecision } from '../realtime/access.ts';
import { OperationMemory, type RetainedData } from '../realtime/operation-memory.ts';
import { isLoopback, type SecurityConfig } from '../settings/security-settings.ts';
import { ConnectionLimit } from './limits-connections.ts';
import { PageOrigins } from './page-origins.ts';

interface GateParts {
  readonly security: SecurityConfig;
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  readonly rate: RateLimit;
  readonly links: FileLinks;
  readonly logger: Logger;
}

const YEAR_S = 31_536_000;
const PREFLIGHT_S = 600;
/** Headers of common clients, listed even if a preflight does not name them. */
const USUAL_HEADERS = [
  ...['accept', 'authorization', 'content-type', 'range', 'last-event-id', 'x-requested-with'],
  ...['apollographql-client-name', 'apollographql-client-version', 'apollo-require-preflight'],
  ...['x-apollo-operation-name', 'x-apollo-operation-id', 'graphql-preflight'],
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
];
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

export class Gate implements Access {
  readonly #parts: GateParts;
  readonly #origins: PageOrigins;
  readonly #connections: ConnectionLimit;
  readonly #held: OperationMemory;

  constructor(parts: GateParts) {
    this.#parts = parts;
    const { origins, maxConnectionsPerAddress, maxDocumentBytes } = parts.security;
    const { authentication, logger, publicUrl } = parts;
    this.#origins = new PageOrigins({ listed: origins, publicUrl, loopback: !authentication.isOn, logger });
    this.#connections = new ConnectionLimit(maxConnectionsPerAddress);
    this.#held = new OperationMemory(maxDocumentBytes);
  }

  get asksForCredentials(): boolean {
    return this.#parts.authentication.isOn;
  }

  /** Sets the headers of every answer; a page or file adds its own content security policy. */
  setHeaders(request: IncomingMessage, response: ServerResponse): void {
    const { publicUrl } = this.#parts;
    response.setHeader('x-content-type-options', 'nosniff');
    // Keeps signed links from being passed on to other sites.
    response.setHeader('referrer-policy', 'same-origin');
    response.setHeader('x-frame-options', 'DENY');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-resource-policy', this.#resourcePolicy(request));
    response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (publicUrl?.startsWith('https:')) {
      response.setHeader('strict-transport-security', `max-age=${YEAR_S}`);
    }
    // Every answer depends on it: otherwise one cached without CORS headers would be given to a page that needs them.
    response.setHeader('vary', 'origin');
    const { origin } = request.headers;
    if (!this.#isAllowedPage(request) || origin === undefined || !this.#origins.allows(origin)) return;
    // Without credentials: tokens are sent by header, and there are no cookies.
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'retry-after, content-range, accept-ranges');
  }

  /** Answers a page's preflight request. @returns false when the request is not one */
  answerPreflight({ headers, method }: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = headers;
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
    response.appendHeader('vary', 'access-control-request-headers');
    if (origin !== undefined && this.#origins.allows(origin)) {
      // A page that may send a token may also send any other header.
      const asked = (headers['access-control-request-headers'] ?? '').toLowerCase().split(/ *, */);
      const named = new Set([...USUAL_HEADERS, ...asked.filter((name) => HEADER_NAME.test(name))]);
      response.setHeader('access-control-allow-methods', 'GET, HEAD, POST');
      response.setHeader('access-control-allow-headers', [...named].join(', '));
      response.setHeader('access-control-max-age', PREFLIGHT_S);
    }
    response.writeHead(204).end();
    return true;
  }

  /**
   * Restricts a request to this server's names and to the pages that may use it.
   * @param fromPage whether pages of other origins must be listed: for anything that changes state or is readable cross-origin
   * @throws PlayheadError FORBIDDEN
   */
  checkSource(request: IncomingMessage, fromPage: boolean): void {
    if (!this.#isOwnHost(request.headers.host ?? '')) {
      // A page whose name was pointed at this machine (DNS rebinding) would count as same-origin.
      throw new PlayheadError('FORBIDDEN', 'host: expected a name of this server, see PLAYHEAD_PUBLIC_URL');
    }
    if (!fromPage || this.#isAllowedPage(request)) return;
    throw new PlayheadError('FORBIDDEN', 'origin: expected this server’s own, or one in PLAYHEAD_ORIGINS');
  }

  admit(request: IncomingMessage): UpgradeDecision {
    try {
      this.checkSource(request, true);
      const leave = this.#connections.take(() => this.#addressOf(request));
      if (leave !== null) return { leave };
      return { refused: new PlayheadError('RATE_LIMITED', 'Too many connections from this address') };
    } catch (error) {
      if (error instanceof PlayheadError) return { refused: error };
      throw error;
    }
  }

  authenticate(authorization: unknown): Promise<Viewer> {
    return this.#parts.authentication.authenticate(authorization);
  }

  enter(viewer: Viewer, end: () => void, held: RetainedData): () => void {
    const { authentication, security, sessions } = this.#parts;
    if (!authentication.isOn) return nothing;
    if (sessions.countOf(viewer) >= security.maxConnectionsPerToken) {
      throw new PlayheadError('RATE_LIMITED', 'Too many connections with this credential');
    }
    return this.#enter(viewer, end, held);
  }

  #enter(viewer: Viewer, end: () => void, held: RetainedData): () => void {
    const release = this.hold(viewer, held);
    const leave = this.#parts.sessions.enter(viewer, end);
    return () => {
      leave();
      release();
    };
  }

  hold(viewer: Viewer, held: RetainedData): () => void {
    return this.#held.hold(viewer.id, held);
  }

  countOperation(viewer: Viewer): Promise<void> {
    return this.#parts.rate.take(viewer);
  }

  /**
   * Lets a GraphQL request in.
   * @throws PlayheadError UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, UNAVAILABLE
   */
  async enterRequest(request: IncomingMessage): Promise<Viewer> {
    this.checkSource(request, request.method !== 'GET');
    const viewer = await this.authenticate(request.headers.authorization);
    await this.countOperation(viewer);
    return viewer;
  }

  /**
   * Admits a streaming answer, which is cut when the credential expires or is revoked. Called for actual streams, whatever the
   * request accepts, since that may be anything or missing.
   * @throws PlayheadError FORBIDDEN, RATE_LIMITED, TOO_COMPLEX
   */
  enterStream(viewer: Viewer, request: IncomingMessage, response: ServerResponse, held: RetainedData): void {
    // The client has left meanwhile, and nothing would release its place.
    if (response.closed) return;
    const admission = this.admit(request);
    if ('refused' in admission) throw admission.refused;
    response.once('close', admission.leave);
    const leave = this.enter(viewer, () => void response.destroy(), held);
    response.once('close', leave);
  }

  /**
   * Admits a request for a file, by the link's signature or by a credential that may read the job.
   * @param path in the store, with allowed characters only
   * @throws PlayheadError UNAUTHENTICATED, NOT_FOUND, UNAVAILABLE
   */
  async enterFile(path: string, request: IncomingMessage): Promise<void> {
    const { authentication, links } = this.#parts;
    this.checkSource(request, false);
    if (!authentication.isOn) return;
    const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
    if (links.allows(path, query)) return;
    const viewer = await this.authenticate(request.headers.authorization);
    const [projectId = '', jobId = ''] = path.split('/');
    requireJobAccess(viewer, { projectId, jobId }, 'read');
  }

  /**
   * Admits a request for the process's metrics, which cover all projects.
   * @param token that admits its bearer
   * @throws PlayheadError UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE
   */
  async enterMetrics(request: IncomingMessage, token: Secret | undefined): Promise<void> {
    this.checkSource(request, true);
    if (!this.#parts.authentication.isOn && token === undefined) return;
    if (token !== undefined && bearsToken(request, token)) return;
    const viewer = this.#parts.authentication.isOn
      ? await this.authenticate(request.headers.authorization)
      : null;
    if (viewer === null) throw new PlayheadError('UNAUTHENTICATED', 'expected PLAYHEAD_METRICS_TOKEN');
    if (viewer.scope === 'admin' && viewer.projects === '*') return;
    throw new PlayheadError('FORBIDDEN', 'scope: expected admin for all projects, or PLAYHEAD_METRICS_TOKEN');
  }

  #isOwnHost(host: string): boolean {
    const { authentication, publicUrl } = this.#parts;
    // Nothing is accessible without a credential, and a page of another site has none.
    if (authentication.isOn) return true;
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    if (isLoopback(name) || name === this.#parts.host) return true;
    return publicUrl !== undefined && host === new URL(publicUrl).host;
  }

  /** Whether a request comes from no page, from one of this server, or from an allowed one. */
  #isAllowedPage({ headers: { host = '', origin } }: IncomingMessage): boolean {
    if (origin === undefined || this.#origins.allows(origin)) return true;
    if (URL.canParse(origin) && new URL(origin).host === host) return true;
    this.#origins.noteRefused(origin);
    return false;
  }

  /** Whether other sites' pages may embed an answer, as `<video>` does, which sends no origin. */
  #resourcePolicy({ url = '' }: IncomingMessage): string {
    const { authentication, security } = this.#parts;
    const isShown = security.origins.length > 0 || (!authentication.isOn && url.startsWith('/files/'));
    return isShown ? 'cross-origin' : 'same-origin';
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    const { trustedProxies } = this.#parts.security;
    const own = socket.remoteAddress ?? '';
    if (trustedProxies === 0) return own;
    const hops = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((hop) => hop.trim());
    return hops.at(-trustedProxies) || own;
  }
}
