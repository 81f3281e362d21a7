import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type HttpAnswer,
  type HttpCall,
  type HttpTiming,
  ProviderHttp,
} from '../../../media/providers/http-client.ts';
import { parseRetryAfter } from '../../../media/providers/retry-after.ts';
import { PlayheadError } from '../../../src/core/errors.ts';
import { PATIENCE_MS } from '../../setup/deadline.ts';
import {
  anySignal,
  cutOff,
  failureOf,
  fakeTiming,
  json,
  KEY_TEXT,
  key,
  startFakeApi,
  status,
  stuck,
} from './fake-api.ts';

function client(baseUrl: string, timing: HttpTiming, timeoutMs = PATIENCE_MS): ProviderHttp {
  return new ProviderHttp('TTS', { baseUrl, key, timeoutMs }, timing);
}

function ask(
  http: ProviderHttp,
  call: Partial<HttpCall> = {},
  consume = (answer: HttpAnswer): Promise<string> => answer.text(),
): Promise<string> {
  const whole = {
    method: 'POST',
    path: '/audio/speech',
    body: {},
    signal: anySignal(),
    limitBytes: 1_000,
  } as const;
  return http.run({ ...whole, ...call }, consume);
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a rate limit', () => {
  test('with a short Retry-After is waited out', async () => {
    const api = await startFakeApi(status(429, {}, { 'retry-after': '2' }), json({ fine: true }));
    const timing = fakeTiming();
    expect(await ask(client(api.baseUrl, timing))).toBe('{"fine":true}');
    expect(timing.waits).toEqual([2_000]);
  });

  test.each([
    ['60', 60],
    ['Tue, 24 Nov 2026 10:02:30 GMT', 150],
  ])('with Retry-After %s is left to the queue, as in the specification', async (header, seconds) => {
    const body = { error: { message: 'Slow down', code: 'rate_limit_exceeded' } };
    const api = await startFakeApi(status(429, body, { 'retry-after': header }));
    const timing = fakeTiming();
    const error = await failureOf(ask(client(api.baseUrl, timing)));
    expect(error).toMatchObject({
      code: 'PROVIDER_FAILED',
      retryable: true,
      message: 'TTS API rate limit exceeded (status 429): Slow down',
      details: { error_code: '429', retry_after: seconds },
      retryAfterSeconds: seconds,
    });
    expect(timing.waits).toEqual([]);
    expect(api.received).toHaveLength(1);
  });

  test('without Retry-After is met with growing waits, three calls in all', async () => {
    const api = await startFakeApi(status(429));
    const timing = fakeTiming();
    const error = await failureOf(ask(client(api.baseUrl, timing)));
    expect(error).toMatchObject({ code: 'PROVIDER_FAILED', retryAfterSeconds: undefined });
    expect(timing.waits).toEqual([500, 1_000]);
    expect(api.received).toHaveLength(3);
  });

  test('that is an empty account is not waited for', async () => {
    const api = await startFakeApi(
      status(429, { error: { message: 'No credit', code: 'insufficient_quota' } }),
    );
    const error = await failureOf(ask(client(api.baseUrl, fakeTiming())));
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', retryable: false });
    expect(api.received).toHaveLength(1);
  });
});

test.each([
  ['5', 5],
  ['1.5', 1.5],
  ['0', undefined],
  ['Tue, 24 Nov 2026 09:00:00 GMT', undefined],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
  ['99999999', 86_400],
])('Retry-After %j is %j seconds', (header, expected) => {
  expect(parseRetryAfter(header, Date.parse('2026-11-24T10:00:00Z'))).toBe(expected);
});

test('a waiting time is jittered: half of it is certain, half is chance', async () => {
  const api = await startFakeApi(status(500));
  const timing = { ...fakeTiming(), random: () => 0 };
  await failureOf(ask(client(api.baseUrl, timing)));
  expect(timing.waits).toEqual([250, 500]);
});

test.each([500, 502, 503, 408])('a passing status %i is tried again', async (code) => {
  const api = await startFakeApi(status(code, 'busy'), json({}));
  expect(await ask(client(api.baseUrl, fakeTiming()))).toBe('{}');
});

test.each([400, 401, 402, 403, 404, 413, 422, 501, 307])(
  'a lasting status %i is PROVIDER_REJECTED after one call',
  async (code) => {
    const api = await startFakeApi(
      status(code, { error: 'no' }, code === 307 ? { location: '/elsewhere' } : {}),
    );
    const error = await failureOf(ask(client(api.baseUrl, fakeTiming())));
    expect(error).toMatchObject({
      code: 'PROVIDER_REJECTED',
      retryable: false,
      details: { error_code: String(code) },
    });
    expect(api.received).toHaveLength(1);
  },
);

describe('a broken answer', () => {
  // The limit runs out when the server has the request, or the client the beginning of the answer, and no sooner.
  const limitMs = 300;
  const runOut = (): void => void vi.advanceTimersByTime(limitMs);
  test.each([
    ['no answer', runOut],
    ['an answer that stops in the middle', stuck],
  ])('%s is TIMED_OUT', async (_, answer) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const api = await startFakeApi(answer);
    const call = ask(client(api.baseUrl, fakeTiming(), limitMs), {}, async (begun) => {
      for await (const _piece of begun.pieces()) runOut();
      return 'read to its end';
    });
    const error = await failureOf(call);
    expect(error).toMatchObject({ code: 'TIMED_OUT', retryable: true });
    expect(api.received).toHaveLength(3);
  });

  test('a connection cut off in the body is tried again, then PROVIDER_FAILED', async () => {
    const once = await startFakeApi(cutOff, json({}));
    expect(await ask(client(once.baseUrl, fakeTiming()))).toBe('{}');
    const always = await startFakeApi(cutOff);
    const error = await failureOf(ask(client(always.baseUrl, fakeTiming())));
    expect(error).toMatchObject({ code: 'PROVIDER_FAILED', details: { error_code: 'UND_ERR_SOCKET' } });
  });

  test('a body over the limit is not read to its end', async () => {
    const api = await startFakeApi((response) => {
      const fill = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64_000)));
      };
      response.on('drain', fill);
      fill();
    });
    const error = await failureOf(ask(client(api.baseUrl, fakeTiming())));
    expect(error).toMatchObject({ code: 'PROVIDER_FAILED' });
    expect((error as Error).message).toContain('at most 1000 bytes');
    await api.abandoned;
    expect(api.received).toHaveLength(1);
  });

  test('a refused connection is PROVIDER_FAILED with its reason', async () => {
    const port = await closedPort();
    const error = await failureOf(ask(client(`http://127.0.0.1:${port}/v1`, fakeTiming())));
    expect(error).toMatchObject({ code: 'PROVIDER_FAILED', details: { error_code: 'ECONNREFUSED' } });
  });

  test('an endless error page does not keep the call', async () => {
    const api = await startFakeApi((response) => {
      response.writeHead(400);
      const fill = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64_000)));
      };
      response.on('drain', fill);
      fill();
    });
    expect(await failureOf(ask(client(api.baseUrl, fakeTiming())))).toMatchObject({
      code: 'PROVIDER_REJECTED',
    });
  });
});

describe('work that must not be done twice', () => {
  const once = { repeatable: false } as const;

  test('is not repeated when the provider may have begun it', async () => {
    for (const answer of [status(500), cutOff]) {
      const api = await startFakeApi(answer);
      await failureOf(ask(client(api.baseUrl, fakeTiming()), once));
      expect(api.received).toHaveLength(1);
    }
  });

  test('is repeated when it was refused', async () => {
    const api = await startFakeApi(status(429), status(503), json({}));
    expect(await ask(client(api.baseUrl, fakeTiming()), once)).toBe('{}');
  });
});

describe('stopping', () => {
  test('ends a call under way with the stop’s own error', async () => {
    const abort = new AbortController();
    const stop = new PlayheadError('CANCELLED', 'by the user');
    const api = await startFakeApi((response) => {
      response.writeHead(200);
      response.write('a', () => abort.abort(stop));
    });
    expect(await failureOf(ask(client(api.baseUrl, fakeTiming()), { signal: abort.signal }))).toBe(stop);
    await api.abandoned;
  });

  test('ends the wait between two calls', async () => {
    const api = await startFakeApi(status(500));
    const abort = new AbortController();
    const timing: HttpTiming = {
      ...fakeTiming(),
      pause: async (_, signal) => {
        abort.abort();
        signal.throwIfAborted();
      },
    };
    expect(await failureOf(ask(client(api.baseUrl, timing), { signal: abort.signal }))).toMatchObject({
      code: 'CANCELLED',
    });
    expect(api.received).toHaveLength(1);
  });
});

describe('the key', () => {
  test.each([400, 401, 403, 404, 429, 500])(
    'is in no error, even when status %i repeats it',
    async (code) => {
      const said = `Incorrect API key provided: ${KEY_TEXT}, also known as sk-test-****cdef. Bearer ${KEY_TEXT}`;
      const api = await startFakeApi(
        status(code, { error: { message: said, code: KEY_TEXT } }, { 'x-key': KEY_TEXT }),
      );
      const http = client(api.baseUrl, fakeTiming());
      const error = await failureOf(ask(http));
      const everything = `${inspect(error, { depth: 20 })} ${JSON.stringify(error)} ${inspect(http, { depth: 20, showHidden: true })}`;
      expect(everything).not.toContain(KEY_TEXT);
      expect(everything).not.toContain('cdef');
      expect(api.received[0]?.headers['authorization']).toBe(`Bearer ${KEY_TEXT}`);
    },
  );

  test('is in no error of a broken connection', async () => {
    const api = await startFakeApi(cutOff);
    const error = await failureOf(ask(client(api.baseUrl, fakeTiming())));
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY_TEXT);
  });

  test('goes to the provider’s own address only', async () => {
    const other = await startFakeApi(json({}));
    const http = client((await startFakeApi(json({}))).baseUrl, fakeTiming());
    await ask(http, { method: 'GET', path: new URL('/file', other.baseUrl).href, body: undefined });
    expect(other.received.map(({ headers }) => headers['authorization'])).toEqual([undefined]);
  });
});

describe('a redirect', () => {
  test.each([
    'http://127.0.0.1:6379/',
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '//',
  ])('to %s is not followed', async (location) => {
    const api = await startFakeApi(status(302, '', { location }));
    const get = ask(client(api.baseUrl, fakeTiming()), { method: 'GET', path: '/file', body: undefined });
    expect(await failureOf(get)).toMatchObject({
      code: 'PROVIDER_FAILED',
      message: expect.stringContaining('redirects') as string,
    });
    expect(api.received).toHaveLength(1);
  });

  test('to another server of this machine is not followed', async () => {
    const inner = await startFakeApi(json({}));
    const location = new URL('/secret', inner.baseUrl).href;
    const api = await startFakeApi(status(302, '', { location }));
    const get = ask(client(api.baseUrl, fakeTiming()), { method: 'GET', path: '/file', body: undefined });
    await failureOf(get);
    expect(inner.received).toEqual([]);
  });

  test('within the provider is followed, a circle of them is not', async () => {
    const api = await startFakeApi(status(302, '', { location: '/v1/other' }), json({ ok: true }));
    const call = { method: 'GET', path: '/file', body: undefined } as const;
    await ask(client(api.baseUrl, fakeTiming()), call);
    expect(api.received).toHaveLength(2);
    const circle = await startFakeApi(status(302, '', { location: '/v1/file' }));
    await failureOf(ask(client(circle.baseUrl, fakeTiming()), call));
    expect(circle.received).toHaveLength(6);
  });
});
