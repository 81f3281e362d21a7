/**
 * Chat over `POST /chat/completions` as OpenAI publishes it and vLLM, Ollama, llama.cpp, LM Studio and OpenRouter serve it:
 * streamed (server-sent events, ended by `[DONE]`), usage in a final chunk, JSON by `response_format: json_schema`.
 */

import { createParser } from 'eventsource-parser';
import { PlayheadError, startOf } from 'playhead';
import { z } from 'zod';
import { badAnswer, CallFailure, quoteProvider } from './call-failure.ts';
import type { ChatAnswer, ChatMessage, ChatProvider, ChatRequest } from './chat.ts';
import { type HttpAnswer, type HttpSettings, type HttpTiming, ProviderHttp } from './http-client.ts';
import { costOf, type PriceTable } from './prices.ts';
import { toWireSchema } from './wire-schema.ts';

export interface OpenAiSettings extends HttpSettings {
  readonly model: string;
  readonly prices?: PriceTable;
}

const ANSWER_LIMIT_BYTES = 20_000_000;
const NAME = 'Chat';

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
});

interface Completion {
  readonly text: string;
  readonly finish: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Makes the chat provider for one model. */
export function createOpenAiChat(settings: OpenAiSettings, timing: Partial<HttpTiming> = {}): ChatProvider {
  return new OpenAiChat(settings, timing);
}

class OpenAiChat implements ChatProvider {
  readonly name: string;
  readonly #settings: OpenAiSettings;
  readonly #http: ProviderHttp;
  /** Becomes false when the server refuses `response_format`; the prompt describes the shape anyway. */
  #takesSchema = true;

  constructor(settings: OpenAiSettings, timing: Partial<HttpTiming>) {
    this.name = settings.model;
    this.#settings = settings;
    this.#http = new ProviderHttp(NAME, settings, timing);
  }

  async ask<T>(request: ChatRequest<T>): Promise<ChatAnswer<T>> {
    const shape = JSON.stringify(toWireSchema(request.schema));
    const messages: ChatMessage[] = [
      ...request.messages,
      {
        role: 'user',
        content: `Answer with one JSON object of this JSON schema, and nothing else:\n${shape}`,
      },
    ];
    const first = await this.#complete(messages, request);
    const read = readJson(first.text, request.schema);
    let costUsd = this.#cost(first);
    if (read.ok) return { value: read.value, costUsd };
    const second = await this.#complete(
      [
        ...messages,
        { role: 'assistant', content: first.text },
        {
          role: 'user',
          content: `That does not fit: ${read.problem}. Send the whole corrected JSON object.`,
        },
      ],
      request,
    );
    costUsd += this.#cost(second);
    const repaired = readJson(second.text, request.schema);
    if (repaired.ok) return { value: repaired.value, costUsd };
    const cut = second.finish === 'length' ? ' (the answer was cut off at the model’s token limit)' : '';
    throw badAnswer(NAME, `${request.name} as JSON, twice received something else${cut}: ${repaired.problem}`)
      .error;
  }

  #cost({ inputTokens, outputTokens }: Completion): number {
    return costOf(this.#settings.prices ?? {}, this.#settings.model, { inputTokens, outputTokens });
  }

  async #complete<T>(messages: readonly ChatMessage[], request: ChatRequest<T>): Promise<Completion> {
    if (!this.#takesSchema) return this.#post(messages, request, false);
    try {
      return await this.#post(messages, request, true);
    } catch (error) {
      // Not every server knows response_format; the next answer shows whether that was the cause.
      if (!(error instanceof PlayheadError) || error.details?.['error_code'] !== '400') throw error;
      const completion = await this.#post(messages, request, false);
      this.#takesSchema = false;
      return completion;
    }
  }

  #post<T>(
    messages: readonly ChatMessage[],
    request: ChatRequest<T>,
    withSchema: boolean,
  ): Promise<Completion> {
    const { name, schema, signal, onTokens } = request;
    return this.#http.run(
      {
        method: 'POST',
        path: '/chat/completions',
        signal,
        limitBytes: ANSWER_LIMIT_BYTES,
        headers: { accept: 'text/event-stream' },
        body: {
          model: this.#settings.model,
          messages,
          stream: true,
          stream_options: { include_usage: true },
          ...(withSchema && {
            response_format: {
              type: 'json_schema',
              json_schema: { name, strict: true, schema: toWireSchema(schema) },
            },
          }),
        },
      },
      (answer) => readStream(answer, this.#settings, onTokens),
    );
  }
}

async function readStream(
  answer: HttpAnswer,
  settings: OpenAiSettings,
  onTokens: ((tokens: number) => void) | undefined,
): Promise<Completion> {
  const reader = new StreamReader(settings, onTokens);
  const parser = createParser({ onEvent: ({ data }) => reader.read(data) });
  const decoder = new TextDecoder();
  for await (const piece of answer.pieces()) parser.feed(decoder.decode(piece, { stream: true }));
  return reader.finish();
}

/** Collects the chunks of one streamed completion. */
class StreamReader {
  readonly #settings: OpenAiSettings;
  readonly #onTokens: ((tokens: number) => void) | undefined;
  #text = '';
  #pieces = 0;
  #finish: string | undefined;
  #done = false;
  #usage: { prompt_tokens: number; completion_tokens: number } | undefined;

  constructor(settings: OpenAiSettings, onTokens: ((tokens: number) => void) | undefined) {
    this.#settings = settings;
    this.#onTokens = onTokens;
  }

  read(data: string): void {
    if (this.#done) return;
    if (data.trim() === '[DONE]') {
      this.#done = true;
      return;
    }
    const { choices, usage, error } = parseChunk(data);
    if (error != null) throw this.#streamError(error);
    if (usage != null) this.#usage = usage;
    const choice = choices?.[0];
    if (choice?.delta?.refusal != null) throw this.#refused(choice.delta.refusal);
    if (choice?.finish_reason === 'content_filter') throw this.#refused('stopped by its content filter');
    if (choice?.finish_reason != null) this.#finish = choice.finish_reason;
    const content = choice?.delta?.content ?? '';
    if (content === '') return;
    this.#text += content;
    this.#pieces += 1;
    this.#onTokens?.(this.#tokens());
  }

  finish(): Completion {
    // Neither the end mark nor a finish_reason: the connection was closed midway.
    if (!this.#done && this.#finish === undefined) throw badAnswer(NAME, 'a stream that ends with [DONE]');
    return {
      text: this.#text,
      finish: this.#finish,
      inputTokens: this.#usage?.prompt_tokens ?? 0,
      outputTokens: this.#usage?.completion_tokens ?? this.#tokens(),
    };
  }

  /** With most servers, one piece is one token; some send several at once, of about four characters each. */
  #tokens(): number {
    return Math.max(this.#pieces, Math.round(this.#text.length / 4));
  }

  #refused(why: string): CallFailure {
    const said = quoteProvider(why, this.#settings.key);
    const error = new PlayheadError('PROVIDER_REJECTED', `Chat API refused the content: ${said}`, {
      details: { provider: NAME, error_code: 'refused' },
    });
    return new CallFailure(error, { again: false, begun: true });
  }

  #streamError(error: unknown): CallFailure {
    const message = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error;
    const said = typeof message === 'string' ? quoteProvider(message, this.#settings.key) : 'no message';
    return badAnswer(NAME, `a completion, received an error: ${said}`);
  }
}

function parseChunk(data: string): z.infer<typeof chunkSchema> {
  try {
    return chunkSchema.parse(JSON.parse(data));
  } catch (cause) {
    throw badAnswer(NAME, 'chunks of a chat completion as JSON', { cause });
  }
}

type JsonRead<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/** Finds the JSON object in an answer: models put reasoning before it, or fences around it, regardless of instructions. */
function readJson<T>(text: string, schema: z.ZodType<T>): JsonRead<T> {
  const answer = text.replace(/^[\s\S]*<\/think>/, '');
  const start = answer.indexOf('{');
  const end = answer.lastIndexOf('}');
  if (start < 0 || end < start) return { ok: false, problem: 'there is no JSON object in it' };
  let value: unknown;
  try {
    value = JSON.parse(answer.slice(start, end + 1));
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? startOf(error.message, 200) : 'it is no JSON' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { ok: false, problem: issues.join('; ') };
}
