/** Tracks which HTTP requests are being answered, so that a server can shut down gracefully. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { pause } from '../core/pause.ts';

const DRAIN_POLL_MS = 20;

export interface OpenRequests {
  /** From now on, every answer closes its connection; waits this long for requests already on their way. */
  linger(ms: number): Promise<void>;
  /** Waits until everything is answered, but no longer than this. */
  drain(limitMs: number): Promise<void>;
}

/**
 * Server-sent events do not count: they never end by themselves. The answer identifies them, since a request may accept
 * anything.
 */
export function countRequests(http: Server): OpenRequests {
  const open = new Set<ServerResponse>();
  let isEnding = false;
  http.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    open.add(response);
    if (isEnding) response.setHeader('connection', 'close');
    response.once('close', () => open.delete(response));
  });
  return {
    linger: async (ms) => {
      // A client must not send another request on a kept connection that is about to be cut.
      isEnding = true;
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      if (ms > 0) await pause(ms);
    },
    drain: async (limitMs) => {
      const deadline = performance.now() + limitMs;
      http.closeIdleConnections();
      while (!allStreams(open) && performance.now() < deadline) await pause(DRAIN_POLL_MS);
    },
  };
}

function allStreams(responses: Iterable<ServerResponse>): boolean {
  for (const response of responses) {
    if (!String(response.getHeader('content-type')).startsWith('text/event-stream')) return false;
  }
  return true;
}
