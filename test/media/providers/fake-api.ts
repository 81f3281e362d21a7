/** A provider on a real port: each request is answered by the next of the given answers, the last one for good. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { HttpTiming } from '../../../media/providers/http-client.ts';
import { Secret } from '../../../src/core/secret.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, request: Received) => void | Promise<void>;

export interface FakeApi {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly received: Received[];
  /** Resolves when a client went away before its answer ended. */
  readonly abandoned: Promise<void>;
}

export async function startFakeApi(...answers: Answer[]): Promise<FakeApi> {
  const received: Received[] = [];
  const { promise: abandoned, resolve: onAbandoned } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) onAbandoned();
    });
    void readBody(request).then(async (body) => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
      };
      received.push(one);
      await (answers.length > 1 ? answers.shift() : answers[0])?.(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    abandoned,
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export function status(code: number, body: unknown = {}, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export const json = (body: unknown): Answer => status(200, body);

export function bytes(body: Uint8Array, contentType = 'application/octet-stream'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': contentType });
    response.end(body);
  };
}

/** Promises more than it sends, then breaks the connection. */
export const cutOff: Answer = (response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('half', () => response.destroy());
};

/** Begins, then says no more. */
export const stuck: Answer = (response) => {
  response.writeHead(200);
  response.write('a');
};

/** A streamed completion, one content chunk per piece. */
export function stream(pieces: readonly string[], end: readonly unknown[] = [usageChunk(7, 11)]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': a comment, as some servers send to keep the line open\n\n');
    for (const content of pieces) response.write(event({ choices: [{ index: 0, delta: { content } }] }));
    for (const chunk of end) response.write(event(chunk));
    response.end('data: [DONE]\n\n');
  };
}

export function usageChunk(promptTokens: number, completionTokens: number): unknown {
  return { choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } };
}

export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export const KEY_TEXT = 'sk-test-0123456789abcdef';
export const key = new Secret(KEY_TEXT);

/** Time that stands still, waits that end at once and are written down. */
export function fakeTiming(): HttpTiming & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => Date.parse('2026-11-24T10:00:00Z'),
    random: () => 1,
    pause: async (durationMs, signal) => {
      signal.throwIfAborted();
      waits.push(durationMs);
    },
  };
}

export const anySignal = (): AbortSignal => new AbortController().signal;

export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => {
      throw new Error(`expected a failure, received ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
