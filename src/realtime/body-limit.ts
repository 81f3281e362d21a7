/** How long a request's body may be. */
import type { Plugin } from 'graphql-yoga';
import { refusal } from './limits.ts';

/**
 * Refuses longer bodies as PAYLOAD_TOO_LARGE. In place of Yoga's `maxRequestBodySize`, which takes every body through a
 * transform stream: a tenth of a mutation. A length that is announced needs no counting, since Node reads no more than that.
 */
export function limitBodies(maxBytes: number): Plugin {
  const tooLarge = (received: string) =>
    refusal('PAYLOAD_TOO_LARGE', `body: expected at most ${maxBytes} bytes, received ${received}`);
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      // Yoga reads the body of nothing else.
      if (requestParser === undefined || request.method !== 'POST') return;
      const announced = request.headers.get('content-length');
      if (announced === null) {
        setRequestParser(async (chunked) => requestParser(await readWhole(chunked, maxBytes, tooLarge)));
      } else if (!(Number(announced) <= maxBytes)) {
        throw tooLarge(announced);
      }
    },
  };
}

async function readWhole(
  request: Request,
  maxBytes: number,
  tooLarge: (received: string) => Error,
): Promise<Request> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (value === undefined) break;
    size += value.byteLength;
    if (size > maxBytes) throw tooLarge('more');
    chunks.push(value);
  }
  const { headers, method, signal, url } = request;
  return new Request(url, { method, headers, signal, body: Buffer.concat(chunks) });
}
