import { createSourceEventStream, type ExecutionResult, parse, subscribe } from 'graphql';
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { decodeCursor } from '../../src/log/cursor.ts';
import type { StreamRequest } from '../../src/log/event-stream.ts';
import type { JobEvent, LoggedEvent } from '../../src/progress/events.ts';
import { mapErrors } from '../../src/schema/errors.ts';
import { schema } from '../setup/schema.ts';
import { EPOCH, logged, makeContext, makeState, queuedEvent } from './fixtures.ts';

const EVENT = `
  __typename
  ... on Event { id projectId jobId taskName attempt timestamp }
  ... on ProgressEvent { progress progressPercent status step message metadata eta { lowSeconds } }
  ... on ErrorEvent { error code details willRetry retryAfterSeconds }
  ... on CompletionEvent { result { __typename ... on BatchResult { total } } }`;

async function* streamOf(...events: JobEvent[]): AsyncGenerator<LoggedEvent, void, void> {
  for (const event of events) yield logged(event);
}

function follow(
  args: string,
  openEvents: (request: StreamRequest) => Promise<AsyncGenerator<LoggedEvent, void, void>>,
) {
  const document = parse(`subscription { jobEvents(${args}) { ${EVENT} } }`);
  return subscribe({ schema, document, contextValue: makeContext({ openEvents }) });
}

async function firstData(event: JobEvent): Promise<unknown> {
  const results = await follow('projectId: "demo"', async () => streamOf(event));
  if (!(Symbol.asyncIterator in results)) throw new Error('expected a stream', { cause: results.errors });
  const { value } = (await results.next()) as { value: ExecutionResult };
  expect(value.errors).toBeUndefined();
  return JSON.parse(JSON.stringify(value.data?.['jobEvents']));
}

describe('jobEvents', () => {
  const state = makeState();
  const fields = {
    id: expect.any(String),
    projectId: 'demo',
    jobId: state.id,
    taskName: 'video_generation',
    attempt: 1,
    timestamp: '2026-01-31T09:30:00.005Z',
  };

  test('gives a progress event with its cursor as id', async () => {
    const event: JobEvent = {
      ...queuedEvent(state),
      type: 'ProgressEvent',
      progress: 0.35,
      status: 'processing',
      step: 'generate_videos',
      message: 'Generating clips (3/10)',
      metadata: { current_clip: 3, total_clips: 10 },
    };
    const data = await firstData(event);
    expect(data).toEqual({
      __typename: 'ProgressEvent',
      ...fields,
      progress: 0.35,
      progressPercent: 35,
      status: 'processing',
      step: 'generate_videos',
      message: 'Generating clips (3/10)',
      metadata: { current_clip: 3, total_clips: 10 },
      eta: null,
    });
    expect(decodeCursor((data as { id: string }).id)).toEqual({
      epoch: EPOCH,
      seq: 7,
      hash: 'hash-0000000007',
    });
  });

  test('gives an error event', async () => {
    const failure = {
      error: 'TTS API rate limit exceeded',
      code: 'PROVIDER_FAILED',
      details: { retry_after: 60, error_code: '429' },
      willRetry: true,
      retryAfterSeconds: 60,
    };
    expect(await firstData({ ...queuedEvent(state), type: 'ErrorEvent', ...failure })).toEqual({
      __typename: 'ErrorEvent',
      ...fields,
      ...failure,
    });
  });

  test('gives a completion event with its typed result', async () => {
    const result = { type: 'BatchResult', total: 4, succeeded: 4, failed: 0, cancelled: 0 };
    expect(await firstData({ ...queuedEvent(state), type: 'CompletionEvent', result })).toEqual({
      __typename: 'CompletionEvent',
      ...fields,
      result: { __typename: 'BatchResult', total: 4 },
    });
  });

  test.each([
    ['projectId: "demo"', { projectId: 'demo', jobId: undefined, after: undefined, snapshot: true }],
    [
      'projectId: "demo", snapshot: false',
      { projectId: 'demo', jobId: undefined, after: undefined, snapshot: false },
    ],
    [
      'projectId: "demo", snapshot: null',
      { projectId: 'demo', jobId: undefined, after: undefined, snapshot: true },
    ],
    [
      'projectId: "demo", jobId: "j", after: "c"',
      { projectId: 'demo', jobId: 'j', after: 'c', snapshot: true },
    ],
    ['projectId: "demo", snapshotLimit: 50', { projectId: 'demo', snapshot: true, snapshotLimit: 50 }],
    ['projectId: "demo", snapshotLimit: null', { projectId: 'demo', snapshot: true }],
  ])('opens the stream for (%s)', async (args, expected) => {
    const requests: StreamRequest[] = [];
    await follow(args, async (request) => {
      requests.push(request);
      return streamOf();
    });
    expect(requests).toEqual([expected]);
  });

  test('hands graphql-js the very iterator, so that an idle one can let go', async () => {
    const stream = streamOf();
    const source = await createSourceEventStream({
      schema,
      document: parse('subscription { jobEvents(projectId: "demo") { __typename } }'),
      contextValue: makeContext({ openEvents: async () => stream }),
    });
    expect(source).toBe(stream);
  });

  test('refuses a bad project before anything is opened', async () => {
    const result = await follow('projectId: "no spaces"', () => Promise.reject(new Error('opened')));
    const [error] = mapErrors('errors' in result ? (result.errors ?? []) : [], {
      schema,
      onInternal: () => {},
    });
    expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'projectId' });
  });

  test.each([0, -1, 1_001])('refuses a snapshot limited to %d jobs', async (limit) => {
    const result = await follow(`projectId: "demo", snapshotLimit: ${limit}`, () =>
      Promise.reject(new Error('opened')),
    );
    const [error] = mapErrors('errors' in result ? (result.errors ?? []) : [], {
      schema,
      onInternal: () => {},
    });
    expect(error?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'snapshotLimit' });
    expect(error?.message).toContain('from 1 to 1000');
  });

  test('ends with the code of an error that the stream throws', async () => {
    const result = await follow('projectId: "demo"', async () => {
      throw new PlayheadError('EVENTS_EXPIRED', 'gone');
    });
    const [error] = mapErrors('errors' in result ? (result.errors ?? []) : [], {
      schema,
      onInternal: () => {},
    });
    expect(error?.toJSON()).toMatchObject({ message: 'gone', extensions: { code: 'EVENTS_EXPIRED' } });
  });
});
