/** How HTTP connections are opened, kept and upgraded. */
import type { IncomingMessage, ServerOptions } from 'node:http';

/**
 * Options of an HTTP server that clients and proxies talk to.
 * @param keepAliveMs how long an idle connection is kept. It must be longer than any proxy in front keeps it: a proxy that
 * sends a request just as this end closes answers its client 502. Node counts `headersTimeout` from a request's first byte, so
 * that may be shorter (before Node 18 it had to be longer)
 */
export function connectionOptions(keepAliveMs: number): ServerOptions {
  return {
    // A client that sends its request slowly or endlessly is cut off.
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: 48 * 1_024,
    keepAliveTimeout: keepAliveMs,
    shouldUpgradeCallback: isWebSocketUpgrade,
  };
}

/** Other protocols, such as the h2c of Java's client, are not supported, and offers of them are ignored (RFC 9110, 7.8). */
function isWebSocketUpgrade({ headers, method }: IncomingMessage): boolean {
  const offered = (headers.upgrade ?? '').split(',').map((name) => name.trim().toLowerCase());
  return method === 'GET' && offered.includes('websocket');
}
