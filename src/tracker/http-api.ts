/** Requests to a GraphQL endpoint with fetch, and what their failures mean. */
import { type HttpFailure, networkFailure, toFailure } from './http-failure.ts';
import { TransportError } from './transport.ts';

export interface HttpApiOptions {
  /** Address of the server, such as `https://playhead.example`. */
  readonly url: string;
  /** An API key or token, or a function that returns one for each request; null where access is open. */
  readonly token?: string | null | (() => string | null | Promise<string | null>);
  /** The longest wait for an answer. @default 10,000 ms */
  readonly answerWaitMs?: number;
}

interface Answer<Data> {
  readonly data: Data;
  /** Errors of single parts of an answer that otherwise has its data. */
  readonly errors: readonly HttpFailure[];
}

export class HttpApi {
  readonly #options: HttpApiOptions;
  readonly #endpoint: string;
  /** One for each request under way. */
  readonly #calls = new Set<AbortController>();

  /** @throws TypeError for an invalid address */
  constructor(options: HttpApiOptions) {
    this.#options = options;
    const base = new URL(options.url);
    if (base.protocol !== 'http:' && base.protocol !== 'https:') {
      throw new TypeError(`url: expected http:// or https://, received ${base.protocol}//`);
    }
    this.#endpoint = `${base.origin}${base.pathname.replace(/\/+$/, '')}/graphql`;
  }

  /** @throws TransportError, also when the answer has no data */
  async send<Data>(query: string, variables: object): Promise<Answer<Data>> {
    const call = this.#begin();
    const late = setTimeout(() => call.abort(), this.#options.answerWaitMs ?? 10_000);
    try {
      const response = await this.#request({ query, variables }, 'application/json', call.signal);
      const text = await response.text();
      return readAnswer<Data>(response, text);
    } catch (error) {
      throw networkFailure(error);
    } finally {
      clearTimeout(late);
      this.#calls.delete(call);
    }
  }

  /**
   * The results of a subscription, until it ends.
   * @throws TransportError
   */
  async *stream(query: string, variables: object, signal: AbortSignal): AsyncGenerator<unknown, void, void> {
    const call = this.#begin();
    const end = (): void => call.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      const response = await this.#request({ query, variables }, 'text/event-stream', call.signal);
      if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
        readAnswer(response, await response.text());
        return;
      }
      for await (const { data, event } of eventsOf(response)) {
        if (event === 'complete') return;
        if (event === 'next') yield readAnswer(response, data).data;
      }
      throw new TransportError('NETWORK', 'the stream was cut', { isPassing: true });
    } catch (error) {
      throw networkFailure(error);
    } finally {
      signal.removeEventListener('abort', end);
      this.#calls.delete(call);
      call.abort();
    }
  }

  /** Aborts the requests under way. */
  close(): void {
    for (const call of this.#calls) call.abort();
  }

  #begin(): AbortController {
    const call = new AbortController();
    this.#calls.add(call);
    return call;
  }

  async #request(body: object, accept: string, signal: AbortSignal): Promise<Response> {
    const { token } = this.#options;
    const credential = typeof token === 'function' ? await token() : token;
    return fetch(this.#endpoint, {
      method: 'POST',
      // A redirect would lose the body, and may be a sign-in page.
      redirect: 'error',
      signal,
      headers: {
        'content-type': 'application/json',
        accept,
        ...(credential && { authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify(body),
    });
  }
}

/** @throws TransportError */
function readAnswer<Data>(response: Response, text: string): Answer<Data> {
  let body: { readonly data?: Data | null; readonly errors?: readonly unknown[] };
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const what = `HTTP status ${response.status} without JSON; expected the address of a Playhead server`;
    throw new TransportError(`HTTP_${response.status}`, what, { isPassing: true, cause });
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? 0);
  const errors = (body.errors ?? []).map((error) => toFailure(error, response.status, retryAfter));
  if (body.data === null || body.data === undefined) {
    const what = `HTTP status ${response.status}, and neither data nor errors`;
    throw errors[0]?.error ?? new TransportError(`HTTP_${response.status}`, what, { isPassing: true });
  }
  return { data: body.data, errors };
}

interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** The events of an event stream (WHATWG HTML, 9.2), limited to the features that this server uses. */
async function* eventsOf(response: Response): AsyncGenerator<ServerSentEvent, void, void> {
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = block.split(/\r?\n/).map((line) => /^(\w*): ?(.*)$/.exec(line) ?? []);
      const valuesOf = (name: string): string[] =>
        fields.filter(([, field]) => field === name).map(([, , value = '']) => value);
      yield { event: valuesOf('event').at(-1) ?? 'message', data: valuesOf('data').join('\n') };
    }
  }
}
