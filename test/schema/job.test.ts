import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { decodeCursor } from '../../src/log/cursor.ts';
import { endedJob, type JobState, openStep } from '../../src/progress/state.ts';
import type { SchemaContext } from '../../src/schema/context.ts';
import { definitionOf, tableOf, WORKFLOWS } from '../setup/workflows.ts';
import { ask, CREATED_AT, EPOCH, makeContext, makeState, queuedEvent } from './fixtures.ts';

const file = (name: string) => ({
  name,
  path: `demo/job/${name}`,
  contentType: 'video/mp4',
  sizeBytes: 5_000_000_000,
});
const ARTIFACT = '{ url path contentType sizeBytes }';

async function askJob(state: JobState | null, fields: string, loads: unknown[] = []) {
  const context = makeContext({
    jobs: {
      ...makeContext().jobs,
      load: async (...args) => {
        loads.push(args);
        return state;
      },
    },
  });
  const answer = await ask(`{ job(projectId: "demo", id: "some-id") { ${fields} } }`, context);
  expect(answer.errors).toEqual([]);
  return (answer.data as { job: unknown }).job;
}

describe('Query.job', () => {
  test('is null for an unknown job, asked by project and id', async () => {
    const loads: unknown[] = [];
    expect(await askJob(null, 'id', loads)).toBeNull();
    expect(loads).toEqual([['demo', 'some-id']]);
  });

  test('gives a queued job with every field', async () => {
    const state = makeState({ last: { epoch: EPOCH, seq: 3, hash: 'hash-0000000003' } });
    const job = await askJob(
      state,
      `id projectId workflow taskName status progress progressPercent step message metadata attempt maxAttempts
       createdAt startedAt finishedAt lastEventId eta { remainingSeconds } result { __typename } error { code }
       parent { id } items { id }`,
    );
    expect(job).toEqual({
      id: state.id,
      projectId: 'demo',
      workflow: 'DIRECTOR',
      taskName: 'video_generation',
      status: 'QUEUED',
      progress: 0,
      progressPercent: 0,
      step: null,
      message: 'Waiting for a worker',
      metadata: null,
      attempt: 1,
      maxAttempts: 3,
      createdAt: '2026-01-31T09:30:00.005Z',
      startedAt: null,
      finishedAt: null,
      lastEventId: expect.any(String),
      eta: null,
      result: null,
      error: null,
      parent: null,
      items: [],
    });
    expect(decodeCursor((job as { lastEventId: string }).lastEventId)).toEqual(state.last);
  });

  test('has no lastEventId before the first event', async () => {
    expect(await askJob(makeState(), 'lastEventId')).toEqual({ lastEventId: null });
  });

  test('shows progress, step and metadata of a running job', async () => {
    const begun = openStep(
      makeState({ status: 'RUNNING', startedAt: CREATED_AT + 10 }),
      'start',
      CREATED_AT + 10,
    );
    const running = { ...begun, progress: 0.999, metadata: { current_clip: 3, total_clips: 10 } };
    expect(
      await askJob(
        running,
        'progress progressPercent metadata startedAt steps { name from to status startedAt }',
      ),
    ).toMatchObject({
      progress: 0.999,
      progressPercent: 99,
      metadata: { current_clip: 3, total_clips: 10 },
      startedAt: '2026-01-31T09:30:00.015Z',
      steps: [
        { name: 'start', from: 0, to: 0.05, status: 'RUNNING', startedAt: '2026-01-31T09:30:00.015Z' },
        { name: 'load_character', status: 'PENDING', startedAt: null },
        { name: 'parse_script' },
        { name: 'generate_videos', from: 0.1, to: 0.6 },
        { name: 'lipsync' },
        { name: 'subtitles' },
        { name: 'render' },
        { name: 'complete', from: 1, to: 1 },
      ],
    });
  });

  test('never shows fewer attempts at most than the present one', async () => {
    expect(await askJob(makeState({ attempt: 5, maxAttempts: 3 }), 'attempt maxAttempts')).toEqual({
      attempt: 5,
      maxAttempts: 5,
    });
  });

  test('shows why a job failed', async () => {
    const running = openStep(makeState({ status: 'RUNNING' }), 'start', CREATED_AT);
    const queued = queuedEvent(running);
    const failed = endedJob(
      running,
      {
        ...queued,
        type: 'ErrorEvent',
        error: 'TTS API rate limit exceeded',
        code: 'PROVIDER_FAILED',
        details: { error_code: '429' },
        willRetry: false,
        retryAfterSeconds: 60,
      },
      CREATED_AT + 1000,
    );
    expect(
      await askJob(
        failed,
        'status finishedAt error { message code details retryAfterSeconds } steps { status finishedAt }',
      ),
    ).toMatchObject({
      status: 'FAILED',
      finishedAt: '2026-01-31T09:30:01.005Z',
      error: {
        message: 'TTS API rate limit exceeded',
        code: 'PROVIDER_FAILED',
        details: { error_code: '429' },
        retryAfterSeconds: 60,
      },
      steps: [
        { status: 'FAILED', finishedAt: '2026-01-31T09:30:01.005Z' },
        ...Array(7).fill({ status: 'PENDING' }),
      ],
    });
  });
});

describe('Job.result', () => {
  const shown = {
    url: '/files/demo/job/a',
    path: 'demo/job/a',
    contentType: 'video/mp4',
    sizeBytes: 5_000_000_000,
  };
  const cost = { totalDuration: 60.5, totalCostUsd: 0.45 };
  test.each<[string, string, Json, object]>([
    [
      'VideoResult',
      `finalVideoPath video ${ARTIFACT} subtitles { path } thumbnail { path } totalDuration totalCostUsd clips`,
      {
        finalVideoPath: 'demo/job/a',
        video: file('a'),
        subtitles: file('b'),
        thumbnail: file('c'),
        ...cost,
        clips: 4,
      },
      {
        finalVideoPath: 'demo/job/a',
        video: shown,
        subtitles: { path: 'demo/job/b' },
        thumbnail: { path: 'demo/job/c' },
        ...cost,
        clips: 4,
      },
    ],
    [
      'AudioResult',
      `audio ${ARTIFACT} transcript similarity tries totalDuration totalCostUsd`,
      { audio: file('a'), transcript: 'hello', similarity: 0.98, tries: 2, ...cost },
      { audio: shown, transcript: 'hello', similarity: 0.98, tries: 2, ...cost },
    ],
    [
      'ScriptResult',
      `script ${ARTIFACT} title text scenes estimatedDuration totalCostUsd`,
      { script: file('a'), title: 'T', text: 'A: b', scenes: 1, estimatedDuration: 12.5, totalCostUsd: 0 },
      { script: shown, title: 'T', text: 'A: b', scenes: 1, estimatedDuration: 12.5, totalCostUsd: 0 },
    ],
    [
      'LipsyncResult',
      `video ${ARTIFACT} cues { path } totalDuration totalCostUsd`,
      { video: file('a'), cues: file('b'), ...cost },
      { video: shown, cues: { path: 'demo/job/b' }, ...cost },
    ],
    [
      'BatchResult',
      'total succeeded failed cancelled',
      { total: 4, succeeded: 2, failed: 1, cancelled: 1 },
      { total: 4, succeeded: 2, failed: 1, cancelled: 1 },
    ],
  ])('is a %s by its type', async (type, fields, stored, expected) => {
    const result = { type, ...(stored as object) };
    const job = await askJob(makeState({ result }), `result { __typename ... on ${type} { ${fields} } }`);
    expect(job).toEqual({ result: { __typename: type, ...expected } });
  });

  test('of a type that this server does not know is shown as its data and files', async () => {
    const context: SchemaContext = makeContext({
      jobs: { ...makeContext().jobs, load: async () => makeState({ result: HOLOGRAM }) },
    });
    const answer = await ask(
      '{ job(projectId: "demo", id: "x") { result { __typename ... on Result { data artifacts { name url } } } } }',
      context,
    );
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      job: {
        result: {
          __typename: 'DataResult',
          data: { depth: 3 },
          artifacts: [{ name: 'a.holo', url: expect.stringContaining('demo/x/a.holo') as string }],
        },
      },
    });
  });
});

const HOLOGRAM = {
  type: 'HologramResult',
  depth: 3,
  scene: { name: 'a.holo', path: 'demo/x/a.holo', contentType: 'model/holo', sizeBytes: 1 },
};

test('Query.workflows gives the step tables', async () => {
  const answer = await ask('{ workflows { workflow taskName steps { name from to } } }', makeContext());
  expect(answer.data).toEqual({
    workflows: [...WORKFLOWS.keys()].map((workflow) => ({
      workflow,
      taskName: definitionOf(workflow).taskName,
      steps: tableOf(workflow),
    })),
  });
});
