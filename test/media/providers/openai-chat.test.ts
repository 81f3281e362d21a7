import { expect, test } from 'vitest';
import { z } from 'zod';
import { createOpenAiChat } from '../../../media/providers/openai-chat.ts';
import { PATIENCE_MS } from '../../setup/deadline.ts';
import {
  type Answer,
  anySignal,
  event,
  failureOf,
  fakeTiming,
  key,
  startFakeApi,
  status,
  stream,
  usageChunk,
} from './fake-api.ts';

const schema = z.object({ title: z.string().min(3), points: z.array(z.string()).min(1).max(5) });
const GOOD = '{"title": "Rocks", "points": ["They melt."]}';
const prices = { writer: { ...zeroPrice(), inputPerMillionTokens: 1_000, outputPerMillionTokens: 10_000 } };

function zeroPrice() {
  return {
    inputPerMillionTokens: 0,
    outputPerMillionTokens: 0,
    perMillionCharacters: 0,
    perMinute: 0,
    perSecond: 0,
  };
}

async function askOf(...answers: Answer[]) {
  const api = await startFakeApi(...answers);
  const settings = { baseUrl: api.baseUrl, key, timeoutMs: PATIENCE_MS, model: 'writer', prices };
  const chat = createOpenAiChat(settings, fakeTiming());
  const tokens: number[] = [];
  const ask = () =>
    chat.ask({
      name: 'analysis',
      schema,
      messages: [{ role: 'user', content: 'Hello' }],
      signal: anySignal(),
      onTokens: (count) => tokens.push(count),
    });
  const bodies = () => api.received.map(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>);
  return { ask, api, tokens, bodies };
}

test('a streamed answer is put together, checked and priced by its usage', async () => {
  const pieces = ['{"title": "Ro', 'cks", "points"', ': ["They melt."]}'];
  const { ask, tokens, api, bodies } = await askOf(stream(pieces, [usageChunk(1_000, 200)]));
  expect(await ask()).toEqual({ value: { title: 'Rocks', points: ['They melt.'] }, costUsd: 3 });
  expect(tokens).toHaveLength(3);
  expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
  expect(api.received[0]?.path).toBe('/v1/chat/completions');
  expect(bodies()[0]).toMatchObject({
    model: 'writer',
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('the model is told the shape, without the keywords that strict outputs refuse', async () => {
  const { ask, bodies } = await askOf(stream([GOOD]));
  await ask();
  expect(bodies()[0]?.['response_format']).toEqual({
    type: 'json_schema',
    json_schema: {
      name: 'analysis',
      strict: true,
      schema: {
        type: 'object',
        properties: { title: { type: 'string' }, points: { type: 'array', items: { type: 'string' } } },
        required: ['title', 'points'],
        additionalProperties: false,
      },
    },
  });
});

test('characters that the connection cuts in two are whole again', async () => {
  const text = Buffer.from(
    event({ choices: [{ delta: { content: '{"title": "화산 이야기", "points": ["🌋"]}' } }] }),
  );
  const { ask } = await askOf(async (response) => {
    response.writeHead(200);
    for (const byte of text) {
      await new Promise<void>((resolve) => response.write(Buffer.of(byte), () => resolve()));
    }
    response.end('data: [DONE]\n\n');
  });
  expect((await ask()).value).toEqual({ title: '화산 이야기', points: ['🌋'] });
});

test.each([
  ['in a fence', `\`\`\`json\n${GOOD}\n\`\`\``],
  ['behind its reasoning', `<think>{"title": 1}</think>Here it is: ${GOOD}`],
])('JSON %s is found', async (_, text) => {
  const { ask } = await askOf(stream([text]));
  expect((await ask()).value.title).toBe('Rocks');
});

test('an answer that does not fit is repaired once, and both are paid', async () => {
  const { ask, bodies } = await askOf(
    stream(['{"title": "Rocks"}'], [usageChunk(1_000, 0)]),
    stream([GOOD], [usageChunk(2_000, 0)]),
  );
  expect(await ask()).toMatchObject({ value: { title: 'Rocks' }, costUsd: 3 });
  const messages = bodies()[1]?.['messages'] as { role: string; content: string }[];
  expect(messages.at(-2)).toEqual({ role: 'assistant', content: '{"title": "Rocks"}' });
  expect(messages.at(-1)?.content).toContain('points');
});

test('an answer that never fits is PROVIDER_FAILED after two', async () => {
  const { ask, api } = await askOf(stream(['I would rather not use JSON.']));
  expect(await failureOf(ask())).toMatchObject({
    code: 'PROVIDER_FAILED',
    details: { error_code: 'bad_answer' },
  });
  expect(api.received).toHaveLength(2);
});

test('a server that does not know response_format is asked without, from then on', async () => {
  const { ask, bodies } = await askOf(status(400, { error: 'unknown field' }), stream([GOOD]));
  await ask();
  await ask();
  expect(bodies().map((body) => 'response_format' in body)).toEqual([true, false, false]);
});

test('a stream that breaks off is asked again; it is no answer, however whole it looks', async () => {
  const broken: Answer = (response) => {
    response.writeHead(200);
    response.end(event({ choices: [{ delta: { content: GOOD } }] }));
  };
  const { ask, api } = await askOf(broken, stream([GOOD]));
  expect((await ask()).value.title).toBe('Rocks');
  expect(api.received).toHaveLength(2);
});

test('an error inside the stream is tried again, then PROVIDER_FAILED', async () => {
  const { ask, api } = await askOf(stream([], [{ error: { message: 'overloaded' } }]));
  const error = await failureOf(ask());
  expect(error).toMatchObject({ code: 'PROVIDER_FAILED' });
  expect((error as Error).message).toContain('overloaded');
  expect(api.received).toHaveLength(3);
});

test.each([
  ['a refusal', { choices: [{ delta: { refusal: 'No.' } }] }],
  ['a content filter', { choices: [{ delta: {}, finish_reason: 'content_filter' }] }],
])('%s is PROVIDER_REJECTED after one call', async (_, chunk) => {
  const { ask, api } = await askOf(stream([], [chunk]));
  expect(await failureOf(ask())).toMatchObject({ code: 'PROVIDER_REJECTED' });
  expect(api.received).toHaveLength(1);
});

test('chunks that are no JSON are PROVIDER_FAILED', async () => {
  const { ask } = await askOf((response) => {
    response.writeHead(200);
    response.end('data: <html>\n\n');
  });
  expect(await failureOf(ask())).toMatchObject({ code: 'PROVIDER_FAILED' });
});
