/**
 * HTTP calls to a provider: the key, time limits, size limits and a few immediate retries.
 * A failure that these cannot overcome becomes a PlayheadError; the runner then retries the job if that may help.
 */
import { measureTool, PlayheadError, pause, type Secret } from 'playhead';
import { stopReason } from '../tool.ts';
import {
  badAnswer,
  CallFailure,
  networkFailure,
  quoteProvider,
  silenceFailure,
  statusFailure,
} from './call-failure.ts';
import { parseRetryAfter } from './retry-after.ts';

export interface HttpSettings {
  /** Up to and including the version, for example `https://api.openai.com/v1`; no query, no credentials. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`, to the base URL's origin only. */
  readonly key?: Secret | undefined;
  /** Longest silence: until the answer begins, and between its pieces. A call as a whole may take ten times as long. */
  readonly timeoutMs: number;
}

/** Waiting and randomness, replaceable so that tests neither wait nor vary. */
export interface HttpTiming {
  readonly now: () => number;
  /** Waits, unless the signal aborts. */
  readonly pause: (durationMs: number, signal: AbortSignal) => Promise<void>;
  /** 0..1 */
  readonly random: () => number;
}

const SYSTEM_TIMING: HttpTiming = { now: Date.now, pause, random: Math.random };

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path below the base URL (`/audio/speech`), or an absolute URL. */
  readonly path: string;
  /** An object is sent as JSON. */
  readonly body?: object | FormData | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The longest answer that is read. */
  readonly limitBytes: number;
  /**
   * False: a repeat could do (and bill) the work twice, so only refusals and calls that never arrived are repeated.
   * Default true.
   */
  readonly repeatable?: boolean;
}

/** An answer of status 200 to 299. Its pieces must be read, once, before the consumer returns. */
export interface HttpAnswer {
  readonly headers: Headers;
  pieces(): AsyncIterable<Uint8Array>;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
}

const TRIES = 3;
const BACKOFF_BASE_MS = 500;
/** If a provider asks for a longer wait than this, the job waits in the queue, and does not block a worker. */
const WAIT_LIMIT_MS = 5_000;
const ERROR_BODY_LIMIT_BYTES = 16_384;
const TOTAL_TIMEOUTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

export class ProviderHttp {
  /** For messages: `Chat`, `Speech`. */
  readonly provider: string;
  readonly #settings: HttpSettings;
  readonly #timing: HttpTiming;

  constructor(provider: string, settings: HttpSettings, timing: Partial<HttpTiming> = {}) {
    this.provider = provider;
    this.#settings = settings;
    this.#timing = { ...SYSTEM_TIMING, ...timing };
  }

  /**
   * Makes the call, and hands a good answer to `consume`; if either fails, both are repeated at most twice, after 0.25 to
   * 1 s or the time given in Retry-After, if that is at most 5 s.
   * @throws PlayheadError PROVIDER_FAILED (with retryAfterSeconds if given), PROVIDER_REJECTED, TIMED_OUT, or the
   *   signal's own reason
   */
  async run<T>(call: HttpCall, consume: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#measured(call, tries, consume);
      } catch (thrown) {
        if (!(thrown instanceof CallFailure)) throw thrown;
        const waitMs = this.#waitFor(thrown, tries);
        const mayRepeat = thrown.again && (call.repeatable !== false || !thrown.begun);
        if (!mayRepeat || tries >= TRIES || waitMs > WAIT_LIMIT_MS) throw thrown.error;
        await this.#wait(waitMs, call.signal);
      }
    }
  }

  /** Shows only the host of an address: a path may contain ids, and a link its signature. */
  #measured<T>(call: HttpCall, tries: number, consume: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const attributes = {
      'http.request.method': call.method,
      'server.address': new URL(this.#settings.baseUrl).hostname,
      'http.request.resend_count': tries > 1 ? tries - 1 : undefined,
    };
    return measureTool(`provider ${this.provider}`, 'client', attributes, () => this.#attempt(call, consume));
  }

  /** Pauses with the client's own clock. @throws the stop's error when the signal aborts */
  async wait(durationMs: number, signal: AbortSignal): Promise<void> {
    await this.#wait(durationMs, signal);
  }

  async #wait(durationMs: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#timing.pause(durationMs, signal);
    } catch (thrown) {
      throw signal.aborted ? stopReason(signal) : thrown;
    }
  }

  #waitFor(failure: CallFailure, tries: number): number {
    if (failure.retryAfterSeconds !== undefined) return failure.retryAfterSeconds * 1_000;
    return BACKOFF_BASE_MS * 2 ** (tries - 1) * (0.5 + this.#timing.random() / 2);
  }

  async #attempt<T>(call: HttpCall, consume: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    if (call.signal.aborted) throw stopReason(call.signal);
    const silence = new SilenceLimit(this.#settings.timeoutMs);
    try {
      const response = await this.#fetch(
        ...this.#request(call, AbortSignal.any([call.signal, silence.signal])),
      );
      silence.heard();
      if (!response.ok) throw await this.#refusal(response);
      return await consume(this.#answer(response, call.limitBytes, silence));
    } catch (thrown) {
      throw this.#map(thrown, call.signal, silence.signal);
    } finally {
      silence.end();
    }
  }

  #map(thrown: unknown, stop: AbortSignal, silence: AbortSignal): Error {
    if (stop.aborted) return stopReason(stop);
    if (thrown instanceof CallFailure) return thrown;
    if (silence.aborted) return silenceFailure(this.provider, this.#settings.timeoutMs);
    if (thrown instanceof PlayheadError) {
      // The consumer rejected the answer (no audio, say); another may be better.
      return thrown.code === 'PROVIDER_FAILED'
        ? new CallFailure(thrown, { again: true, begun: true })
        : thrown;
    }
    return networkFailure(this.provider, thrown);
  }

  #request(call: HttpCall, signal: AbortSignal): [string, RequestInit] {
    const { baseUrl, key } = this.#settings;
    const base = new URL(`${baseUrl.replace(/\/+$/, '')}/`);
    const url = /^https?:/.test(call.path) ? new URL(call.path) : new URL(call.path.replace(/^\//, ''), base);
    const isForm = call.body instanceof FormData;
    const headers: Record<string, string> = { ...call.headers };
    if (call.body !== undefined && !isForm) headers['content-type'] = 'application/json';
    if (key !== undefined && url.origin === base.origin) headers['authorization'] = `Bearer ${key.reveal()}`;
    const body = call.body instanceof FormData ? call.body : JSON.stringify(call.body);
    return [
      url.href,
      {
        method: call.method,
        headers,
        signal,
        redirect: 'manual',
        ...(call.body !== undefined && { body }),
      },
    ];
  }

  /**
   * Follows redirects of GET: only to https addresses or to the provider itself, since they may name addresses that only
   * this machine can reach. The key is sent only to the provider.
   */
  async #fetch(url: string, init: RequestInit): Promise<Response> {
    let place = url;
    for (let hops = 0; ; hops += 1) {
      const response = await fetch(place, place === url ? init : withoutKey(init));
      const location = response.headers.get('location');
      if (init.method !== 'GET' || !REDIRECTS.has(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = URL.parse(location, place);
      const isSafe = next?.protocol === 'https:' || next?.origin === new URL(this.#settings.baseUrl).origin;
      if (next === null || !isSafe || hops >= MAX_REDIRECTS) {
        const expected = `at most ${MAX_REDIRECTS} redirects, to https addresses or its own`;
        throw badAnswer(this.provider, expected, { again: false });
      }
      place = next.href;
    }
  }

  async #refusal(response: Response): Promise<CallFailure> {
    const silence = new SilenceLimit(this.#settings.timeoutMs);
    const read = this.#answer(response, ERROR_BODY_LIMIT_BYTES, silence).text();
    const body = await read.catch(() => '').finally(() => silence.end());
    const { message, code } = readErrorBody(body);
    return statusFailure(this.provider, {
      status: response.status,
      text: quoteProvider(message, this.#settings.key),
      providerCode: code === undefined ? undefined : quoteProvider(code, this.#settings.key),
      retryAfterSeconds: parseRetryAfter(response.headers.get('retry-after'), this.#timing.now()),
    });
  }

  #answer(response: Response, limitBytes: number, silence: SilenceLimit): HttpAnswer {
    const { provider } = this;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      let sizeBytes = 0;
      for await (const piece of response.body ?? []) {
        silence.heard();
        sizeBytes += piece.byteLength;
        if (sizeBytes > limitBytes) {
          throw badAnswer(provider, `an answer of at most ${limitBytes} bytes`, { again: false });
        }
        yield piece;
      }
    }
    const bytes = async (): Promise<Uint8Array> => {
      const all: Uint8Array[] = [];
      for await (const piece of pieces()) all.push(piece);
      return new Uint8Array(Buffer.concat(all));
    };
    return {
      headers: response.headers,
      pieces,
      bytes,
      text: async () => new TextDecoder().decode(await bytes()),
    };
  }
}

function withoutKey(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  headers.delete('authorization');
  return { ...init, headers };
}

/** Reads OpenAI's `{"error": {"message", "code", "type"}}`, `{"error": "…"}`, or any text. */
function readErrorBody(body: string): { message: string; code: string | undefined } {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = field(parsed, 'error') ?? parsed;
    const message = typeof error === 'string' ? error : (field(error, 'message') ?? field(error, 'detail'));
    const code = field(error, 'code') ?? field(error, 'type');
    return {
      message: typeof message === 'string' ? message : '',
      code: typeof code === 'string' ? code : undefined,
    };
  } catch {
    return { message: body.trimStart().startsWith('<') ? '' : body, code: undefined };
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Aborts its signal when nothing has been heard for too long, or when the call as a whole takes ten times as long. */
class SilenceLimit {
  readonly #abort = new AbortController();
  readonly #timeoutMs: number;
  readonly #total: NodeJS.Timeout;
  #quiet: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#quiet = setTimeout(() => this.#abort.abort(), timeoutMs);
    this.#total = setTimeout(() => this.#abort.abort(), timeoutMs * TOTAL_TIMEOUTS);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#abort.abort(), this.#timeoutMs);
  }

  /** Also releases an answer that was not read to its end. */
  end(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#total);
    this.#abort.abort();
  }
}
