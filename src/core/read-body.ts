/**
 * Reads the bodies of requests, even those that nobody wants: a connection closed with bytes unread is reset, and the answer
 * lost.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a body that nobody wants is read before the connection closes all the same. */
const UNREAD_LIMIT_MS = 10_000;

/**
 * Reads a body as a whole. One over the limit is read to its end without being kept, so that its client gets the answer; the
 * server's requestTimeout cuts off one that never ends.
 * @returns null when it is over the limit
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer> | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size <= maxBytes) pieces.push(piece);
  }
  return size > maxBytes ? null : Buffer.concat(pieces);
}

/**
 * Reads what is left of a request's body if its connection closes with the answer. On a connection that is kept open, Node
 * reads the rest by itself.
 */
export async function readOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.complete || !hasBody(request) || !closesAfter(response)) return;
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, UNREAD_LIMIT_MS);
    const onEnd = (): void => {
      clearTimeout(limit);
      resolve();
    };
    request.once('end', onEnd).once('close', onEnd).resume();
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function closesAfter(response: ServerResponse): boolean {
  return !response.shouldKeepAlive || response.getHeader('connection') === 'close';
}
