/** The Writer as the worker runs it: real Redis, real files, a chat provider over real HTTP. */

import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ChatProvider } from '../../../media/providers/chat.ts';
import { createOpenAiChat } from '../../../media/providers/openai-chat.ts';
import { scriptInputSchema } from '../../../media/workflows/director/input.ts';
import type { ScriptResult, WriterRun } from '../../../media/workflows/writer/definition.ts';
import { writer } from '../../../media/workflows/writer/index.ts';
import { briefInputSchema } from '../../../media/workflows/writer/input.ts';
import { run as runWriter } from '../../../media/workflows/writer/run.ts';
import { createRunnable } from '../../../src/jobs/start-workflows.ts';
import type { ErrorEvent, ProgressEvent } from '../../../src/progress/events.ts';
import { PATIENCE_MS } from '../../setup/deadline.ts';
import { createJobPath, type JobPath } from '../../setup/job-harness.ts';
import { tableOf, WORKFLOWS } from '../../setup/workflows.ts';
import {
  type Answer,
  type FakeApi,
  fakeTiming,
  KEY_TEXT,
  key,
  startFakeApi,
  status,
  stream,
} from '../providers/fake-api.ts';

const BRIEF = 'Magma collects below the surface. The pressure breaks the rock above it. Ash falls for days.';

async function writerPath(chat?: ChatProvider): Promise<JobPath> {
  const runnable = createRunnable(writer, { providers: { chat } });
  const path = await createJobPath({ workflows: WORKFLOWS, runnables: { WRITER: runnable } });
  await path.startWorker();
  return path;
}

function chatAt({ baseUrl }: FakeApi): ChatProvider {
  const price = { perMillionCharacters: 0, perMinute: 0, perSecond: 0 };
  const prices = { novelist: { ...price, inputPerMillionTokens: 0, outputPerMillionTokens: 1_000 } };
  return createOpenAiChat({ baseUrl, key, timeoutMs: PATIENCE_MS, model: 'novelist', prices }, fakeTiming());
}

/** Answers each kind of question with the JSON that it asks for, in several pieces. */
function novelist(changes: Readonly<Record<string, unknown>> = {}): Answer {
  const answers: Readonly<Record<string, unknown>> = {
    analysis: { title: 'Fire *below*', points: ['Magma collects.', 'Ash falls.'] },
    outline: {
      scenes: [
        { heading: '# Magma', points: ['Magma collects.'] },
        { heading: 'Ash', points: ['Ash falls.'] },
      ],
    },
    draft: { draft: 'Magma collects below.\nThen it rises.' },
    dialogue: {
      lines: [
        { speaker: 'MIRA', text: 'What is magma? (smiles)' },
        { speaker: 'THEO', text: 'Molten\nrock.' },
      ],
    },
    review: { corrections: [{ scene: 2, line: 2, text: 'Ash is broken rock.' }] },
    ...changes,
  };
  return (response, request) => {
    const body = JSON.parse(request.body.toString()) as {
      response_format: { json_schema: { name: string } };
    };
    const text = JSON.stringify(answers[body.response_format.json_schema.name]);
    return stream(text.match(/.{1,20}/gs) ?? [])(response, request);
  };
}

async function progressOf(path: JobPath, jobId: string): Promise<ProgressEvent[]> {
  return (await path.events(jobId)).filter((event) => event.type === 'ProgressEvent');
}

describe('without a language model', () => {
  test('a brief becomes a stored script that the Director takes', async () => {
    const path = await writerPath();
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: BRIEF, title: 'Fire' } });
    const state = await path.ended(id);
    const result = state.result as unknown as ScriptResult;
    expect(result).toMatchObject({
      type: 'ScriptResult',
      title: 'Fire',
      scenes: 1,
      totalCostUsd: 0,
      script: { name: 'script.txt', contentType: 'text/plain; charset=utf-8' },
    });
    expect(await readFile(path.stored(id, 'script.txt'), 'utf8')).toBe(result.text);
    expect(scriptInputSchema.parse({ script: result.text }).script).toBe(result.text);
    expect(result.estimatedDuration).toBeGreaterThan(8);
    expect(Object.keys(state.steps)).toEqual(tableOf('WRITER').map(({ name }) => name));
    expect(state.metadata).toEqual({
      writer: 'extractive',
      warnings: [expect.stringContaining('nothing is invented') as string],
    });
  });

  test('a Korean job speaks Korean in its script and its events', async () => {
    const path = await writerPath();
    const brief = '마그마는 지하의 마그마방에 모인다. 압력이 높아지면 암석이 깨진다.';
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief, language: 'ko', scenes: 5 } });
    const state = await path.ended(id);
    expect((state.result as unknown as ScriptResult).text).toContain(
      '민호: 마그마는 지하의 마그마방에 모인다.',
    );
    const events = (await progressOf(path, id)).filter(({ step }) => step !== null);
    for (const { message } of events) expect(message).toMatch(/\p{Script=Hangul}/u);
    expect(JSON.stringify(events.at(-1)?.metadata)).toContain('5개 장면 중 2개만');
  });

  test('a topic alone fails at once, with what to do', async () => {
    const path = await writerPath();
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: 'volcanoes' } });
    expect((await path.ended(id)).error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('PLAYHEAD_CHAT_URL') as string,
    });
    expect((await path.endings(id)).map((event) => event.attempt)).toEqual([1]);
  });
});

describe('with a language model', () => {
  test('a topic becomes a script, cleaned, corrected and paid for', async () => {
    const api = await startFakeApi(novelist());
    const path = await writerPath(chatAt(api));
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: 'volcanoes', scenes: 2 } });
    const state = await path.ended(id);
    const result = state.result as unknown as ScriptResult;
    expect(result.text).toBe(`# Fire *below*

## Magma
MIRA: What is magma?
THEO: Molten rock.

## Ash
MIRA: What is magma?
THEO: Ash is broken rock.
`);
    // 7 calls of 11 tokens at $1,000 per million.
    expect(result.totalCostUsd).toBeCloseTo(0.077, 9);
    expect(api.received).toHaveLength(7);
    expect(state.metadata).toEqual({ writer: 'chat', model: 'novelist' });
  });

  test('progress follows the tokens and never goes back, also where an answer is repaired', async () => {
    let asked = 0;
    const api = await startFakeApi((response, request) => {
      asked += 1;
      return (asked === 3 ? novelist({ draft: { wrong: 'x'.repeat(400) } }) : novelist())(response, request);
    });
    const shares: { step: string; progress: number; metadata: unknown }[] = [];
    const chat = chatAt(api);
    const run: WriterRun = {
      ...{ projectId: 'p', jobId: 'j', attempt: 1, signal: new AbortController().signal },
      input: briefInputSchema.parse({ brief: BRIEF }),
      files: {
        scratch: '/tmp',
        save: async (name, path) => ({ name, path, contentType: '', sizeBytes: 1 }),
        open: async (name) => name,
        openArtifact: async (_jobId, name) => name,
      },
      warn: () => {},
      measure: () => {},
      isGivenUp: () => false,
      step: (step, _message, work) =>
        work({
          signal: new AbortController().signal,
          update: (progress, _text, metadata) => void shares.push({ step, progress, metadata }),
          preview: async () => {},
          log: () => {},
        }),
    };
    await runWriter(run, { providers: { chat } });
    for (const { name } of tableOf('WRITER').slice(1, -1)) {
      const own = shares.filter(({ step }) => step === name).map(({ progress }) => progress);
      expect(own, name).toEqual(own.toSorted((a, b) => a - b));
      expect(own.at(-1), name).toBe(1);
      expect(own.filter((share) => share > 0 && share < 1).length, name).toBeGreaterThan(1);
    }
    expect(shares.at(-1)?.metadata).toMatchObject({ writer: 'chat', model: 'novelist' });
    const drafted = shares.filter(({ step }) => step === 'draft_scenes').map(({ metadata }) => metadata);
    expect(drafted.at(0)).toMatchObject({ current_scene: 1, total_scenes: 2 });
    expect(drafted.at(-1)).toMatchObject({ current_scene: 2, total_scenes: 2 });
  });

  test('a rate limit is an ErrorEvent as in the specification, and the retry goes on where it stopped', async () => {
    // The call itself tries three times, with waits that the test leaves out; then the queue waits.
    let limits = 3;
    const limit = status(429, { error: { message: `Slow down, ${KEY_TEXT}` } }, { 'retry-after': '0.05' });
    const api = await startFakeApi((response, request) => {
      const isDraft = request.body.includes('"name":"draft"');
      if (!isDraft || limits === 0) return novelist()(response, request);
      limits -= 1;
      return limit(response, request);
    });
    const path = await writerPath(chatAt(api));
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: BRIEF, scenes: 2 } });
    expect((await path.ended(id)).status).toBe('COMPLETED');
    const events = await path.events(id);
    const errors = events.filter((event): event is ErrorEvent => event.type === 'ErrorEvent');
    expect(errors).toMatchObject([
      {
        taskName: 'script_writing',
        error: 'Chat API rate limit exceeded (status 429): Slow down, [secret]',
        code: 'PROVIDER_FAILED',
        details: { error_code: '429', retry_after: 0.05 },
        willRetry: true,
        retryAfterSeconds: 0.05,
      },
    ]);
    // Analysis and outline were not asked for again.
    expect(api.received).toHaveLength(10);
  });

  test('a refused key ends the job at once and is found nowhere in Redis', async () => {
    const api = await startFakeApi(
      status(401, { error: { message: `Incorrect API key provided: ${KEY_TEXT}` } }),
    );
    const path = await writerPath(chatAt(api));
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: BRIEF } });
    const state = await path.ended(id);
    expect(state).toMatchObject({ status: 'FAILED', attempt: 1, error: { code: 'PROVIDER_REJECTED' } });
    const stored = [await path.events(id), state, await path.bull.getJob(id)];
    expect(inspect(stored, { depth: 12 })).not.toContain(KEY_TEXT);
  });

  test('cancelling ends the call to the model', async () => {
    const asked = Promise.withResolvers<void>();
    const api = await startFakeApi((response) => {
      response.writeHead(200);
      response.write(': thinking\n\n', () => asked.resolve());
    });
    const path = await writerPath(chatAt(api));
    const { id } = await path.enqueue({ workflow: 'WRITER', input: { brief: BRIEF } });
    await asked.promise;
    await path.commands.cancel(path.projectId, id);
    await api.abandoned;
    expect((await path.ended(id)).status).toBe('CANCELLED');
  });
});
