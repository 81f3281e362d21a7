/** How long a request's body may be. */
import type { Plugin } from 'graphql-yoga';
import { readBody } from '../core/read-body.ts';
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
        setRequestParser(async (chunked) => {
          const whole = await buffered(chunked, maxBytes);
          if (whole === null) throw tooLarge('more');
          return requestParser(whole);
        });
      } else if (!(Number(announced) <= maxBytes)) {
        throw tooLarge(announced);
      }
    },
  };
}

/** @returns the same request with its body in memory; null when that is over the limit */
async function buffered(request: Request, maxBytes: number): Promise<Request | null> {
  const body = request.body === null ? Buffer.alloc(0) : await readBody(request.body, maxBytes);
  if (body === null) return null;
  const { headers, method, signal, url } = request;
  return new Request(url, { method, headers, signal, body });
}
