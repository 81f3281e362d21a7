import { describe, expect, test } from 'vitest';
import type { NewBatchRequest, NewJobRequest } from '../../src/jobs/enqueue.ts';
import { ask, makeContext, makeState } from './fixtures.ts';

/** A context whose commands note what they are asked for. */
function noting() {
  const requests: (NewJobRequest | NewBatchRequest)[] = [];
  const calls: string[] = [];
  const context = makeContext({
    commands: {
      enqueue: async (request) => {
        requests.push(request);
        return makeState({ workflow: request.workflow });
      },
      enqueueBatch: async (request) => {
        requests.push(request);
        return makeState({ workflow: request.workflow, itemCount: request.items.length });
      },
      cancel: async (projectId, id) => {
        calls.push(`cancel ${projectId} ${id}`);
        return makeState({ status: 'CANCELLED' });
      },
      retry: async (projectId, id) => {
        calls.push(`retry ${projectId} ${id}`);
        return makeState({ attempt: 2 });
      },
      remove: async (projectId, id) => {
        calls.push(`remove ${projectId} ${id}`);
      },
    },
  });
  return { requests, calls, context };
}

describe('the mutations that start a job', () => {
  const common = { projectId: 'demo', idempotencyKey: 'key-1', maxAttempts: 2 };
  test.each([
    ['generateVideo', 'GenerateVideoInput', 'DIRECTOR', { script: 'A: b', title: null, language: 'en' }],
    [
      'generateAudio',
      'GenerateAudioInput',
      'AUDIO',
      { text: 'hello', voice: 'slt', language: 'en', minSimilarity: 0.9, maxTries: 3 },
    ],
    [
      'writeScript',
      'WriteScriptInput',
      'WRITER',
      { brief: 'a fox', title: 'Fox', language: 'en', scenes: 2 },
    ],
    ['syncLips', 'SyncLipsInput', 'LIPSYNC', { audioJobId: 'job-1', character: 'MIRA' }],
  ])('%s enqueues its workflow with its own fields as input', async (name, type, workflow, input) => {
    const { requests, context } = noting();
    const source = `mutation ($input: ${type}!) { ${name}(input: $input) { workflow status } }`;
    const answer = await ask(source, context, { input: { ...common, ...input } });
    expect(answer).toMatchObject({ data: { [name]: { workflow, status: 'QUEUED' } }, errors: [] });
    expect(requests).toEqual([{ workflow, field: 'input', ...common, input }]);
  });

  test('leaves out what was left out, so that the workflow’s defaults hold', async () => {
    const { requests, context } = noting();
    await ask('mutation { generateVideo(input: { projectId: "demo", script: "A: b" }) { id } }', context);
    expect(requests).toEqual([
      {
        workflow: 'DIRECTOR',
        field: 'input',
        projectId: 'demo',
        idempotencyKey: undefined,
        maxAttempts: undefined,
        input: { script: 'A: b' },
      },
    ]);
  });

  test.each([
    ['generateVideoBatch', 'GenerateVideoBatchInput', 'DIRECTOR', [{ script: 'A: b', title: 'T' }]],
    [
      'generateAudioBatch',
      'GenerateAudioBatchInput',
      'AUDIO',
      [{ text: 'one' }, { text: 'two', voice: 'slt' }],
    ],
  ])('%s enqueues one batch with its items in order', async (name, type, workflow, items) => {
    const { requests, context } = noting();
    const source = `mutation ($input: ${type}!) { ${name}(input: $input) { workflow status steps { name } } }`;
    const answer = await ask(source, context, { input: { ...common, items } });
    expect(answer).toMatchObject({ data: { [name]: { workflow, status: 'QUEUED', steps: [] } }, errors: [] });
    expect(requests).toEqual([{ workflow, field: 'input', ...common, items }]);
  });
});

test('cancelJob and retryJob give the job as it is afterwards', async () => {
  const { calls, context } = noting();
  const answer = await ask(
    'mutation { cancelJob(projectId: "demo", id: "a") { status } retryJob(projectId: "demo", id: "b") { attempt } }',
    context,
  );
  expect(answer).toMatchObject({
    data: { cancelJob: { status: 'CANCELLED' }, retryJob: { attempt: 2 } },
    errors: [],
  });
  expect(calls).toEqual(['cancel demo a', 'retry demo b']);
});
