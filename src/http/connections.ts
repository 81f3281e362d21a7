/** How HTTP connections are begun, kept and upgraded. */
import type { IncomingMessage, ServerOptions } from 'node:http';

/**
 * Options of an HTTP server that clients and proxies talk to.
 * @param keepAliveMs how long a connection without a request is kept. Longer than any proxy in front keeps it: one that
 *   sends a request just as this end closes answers its client 502. Node counts `headersTimeout` from a request's first
 *   byte, so that may be shorter (in Node before 18 it had to be longer)
 */
export function connectionOptions(keepAliveMs: number): ServerOptions {
  return {
    // A client that sends its request slowly, or without end, is cut.
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 48 * 1_024,
    keepAliveTimeout: keepAliveMs,
    shouldUpgradeCallback: isWebSocketUpgrade,
  };
}

/** Any other protocol, such as the h2c of Java's client, is not spoken here: its offer is ignored (RFC 9110, 7.8). */
function isWebSocketUpgrade({ headers, method }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((name) => name.trim().toLowerCase());
  return method === 'GET' && offered.includes('websocket');
}
