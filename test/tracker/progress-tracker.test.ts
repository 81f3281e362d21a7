/** What a task sees of its tracker. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { TrackerConnection, type TrackOptions } from '../../src/tracker/connection.ts';
import { TransportError } from '../../src/tracker/transport.ts';
import { PATIENCE_MS } from '../setup/deadline.ts';
import { RecordingTransport } from './recording-transport.ts';

const TASK: TrackOptions = {
  projectId: 'films',
  taskName: 'transcode',
  jobId: 'job-7',
  steps: { probe: 1, encode: 3 },
};

function connect(waitMs = PATIENCE_MS): {
  transport: RecordingTransport;
  playhead: TrackerConnection;
  said: string[];
} {
  const transport = new RecordingTransport();
  const said: string[] = [];
  const say = (_fields: object, message: string): void => {
    said.push(message);
  };
  const playhead = new TrackerConnection({
    transport,
    logger: { ...silentLogger, info: say, warn: say, error: say },
    openingWaitMs: waitMs,
    endingWaitMs: waitMs,
    closingWaitMs: waitMs,
  });
  onTestFinished(() => void playhead.close());
  return { transport, playhead, said };
}

test('a task is tracked, reports, and completes, in this order', async () => {
  const { playhead, transport } = connect();
  const progress = await playhead.track({ ...TASK, title: 'Seagulls', input: { height: 720 } });
  expect(transport.tracked).toEqual([
    {
      projectId: 'films',
      taskName: 'transcode',
      externalId: 'job-7',
      title: 'Seagulls',
      input: { height: 720 },
      steps: [
        { name: 'probe', share: 0.25 },
        { name: 'encode', share: 0.75 },
      ],
      leaseSeconds: 60,
      maxAttempts: null,
    },
  ]);
  expect(progress).toMatchObject({ jobId: 'job 1', attempt: 1, externalId: 'job-7' });
  progress.step('encode', 0.5, 'Frame 50 of 100', { frame: 50 });
  expect(
    await progress.complete({ frames: 100 }, [{ url: 'https://x.test/a.mp4', contentType: 'video/mp4' }]),
  ).toBe('accepted');
  const place = { projectId: 'films', jobId: 'job 1', lease: 'lease 1' };
  expect(transport.reports).toEqual([
    {
      ...place,
      sequence: 1,
      step: 'encode',
      stepProgress: 0.5,
      message: 'Frame 50 of 100',
      metadata: { frame: 50 },
    },
  ]);
  expect(transport.endings).toEqual([
    {
      ...place,
      before: [],
      ending: {
        type: 'completion',
        result: { frames: 100 },
        artifacts: [{ url: 'https://x.test/a.mp4', contentType: 'video/mp4' }],
      },
    },
  ]);
});

test('a later update says what an earlier one did not, and takes the place of what it did', async () => {
  const { playhead, transport } = connect();
  const progress = await playhead.track(TASK);
  progress.update(0.1, 'processing', 'first');
  progress.step('probe', 0.3, 'second', { a: 1 });
  progress.update(0.2, 'processing', 'third');
  await progress.error(new Error('no such codec'), {
    code: 'CODEC_MISSING',
    willRetry: true,
    retryAfterSeconds: 5,
  });
  expect(transport.reports).toMatchObject([{ progress: 0.1, message: 'first' }]);
  const { before: [before] = [], ending } = transport.endings[0] ?? {};
  expect(before).toMatchObject({
    sequence: 2,
    progress: 0.2,
    step: 'probe',
    message: 'third',
    metadata: { a: 1 },
  });
  expect(before).not.toHaveProperty('stepProgress');
  expect(ending).toEqual({
    type: 'error',
    error: 'no such codec',
    code: 'CODEC_MISSING',
    details: null,
    willRetry: true,
    retryAfterSeconds: 5,
  });
});

test('every step is told, once and in its order, however short', async () => {
  const { playhead, transport } = connect();
  const steps = { a: 1, b: 1, c: 1, d: 1 };
  const progress = await playhead.track({ ...TASK, steps });
  for (const step of ['a', 'b', 'b', 'c', 'b', 'c', 'd']) progress.step(step, 0.5, `in ${step}`);
  await progress.complete();
  const [{ before } = { before: [] }] = transport.endings;
  expect(
    [...transport.reports, ...before].map(({ sequence, step, message }) => [sequence, step, message]),
  ).toEqual([
    [1, 'a', 'in a'],
    [2, 'b', undefined],
    [3, 'c', undefined],
    [4, 'd', 'in d'],
  ]);
});

test('without a server a task goes on, and everything is sent when it is back', async () => {
  const { playhead, transport, said } = connect(20);
  transport.isAway = true;
  const progress = await playhead.track(TASK);
  expect(progress.jobId).toBeNull();
  progress.update(0.6, 'processing', 'Encoding');
  expect(await progress.complete(1)).toBe('kept');
  transport.isAway = false;
  await vi.waitFor(() => expect(transport.endings).toHaveLength(1), PATIENCE_MS);
  expect(transport.endings[0]?.before).toMatchObject([{ progress: 0.6 }]);
  expect(await playhead.close()).toEqual([]);
  expect(said).toEqual([
    'Playhead takes no reports: nobody is there. They are kept',
    'Playhead takes reports again; what was kept is sent',
  ]);
});

test('closing waits for a limited time, and says what could not be sent', async () => {
  const { playhead, transport, said } = connect(20);
  const [first, second, third] = await Promise.all([
    playhead.track(TASK),
    playhead.track({ ...TASK, jobId: 'job-8' }),
    playhead.track({ ...TASK, jobId: 'job-9' }),
  ]);
  transport.isAway = true;
  first?.update(0.5, 'processing', 'half');
  await second?.complete(2);
  await third?.error('broken');
  const place = { projectId: 'films', taskName: 'transcode' };
  expect(await playhead.close()).toEqual([
    { ...place, jobId: 'job-7', what: 'progress' },
    { ...place, jobId: 'job-8', what: 'completion' },
    { ...place, jobId: 'job-9', what: 'error' },
  ]);
  expect(said.at(-1)).toBe(
    'not sent to Playhead: progress of transcode job-7, completion of transcode job-8, error of transcode job-9',
  );
  expect(transport.isClosed).toBe(true);
  const late = await playhead.track(TASK);
  late.update(0.5, 'processing', 'nobody hears it');
  expect(await late.complete(1)).toBe('refused');
  expect(said.at(-1)).toBe('transcode job-7 goes on unseen: the connection to Playhead is closed');
});

test('an ending behind another is refused, and that is said', async () => {
  const { playhead, transport, said } = connect();
  const progress = await playhead.track(TASK);
  expect(await progress.complete(1)).toBe('accepted');
  expect(await progress.error('too late')).toBe('refused');
  expect(transport.endings).toHaveLength(1);
  expect(said).toEqual(['transcode job-7 has ended before; what came behind is left out']);
});

test.each([
  ['CANCELLED', 'CANCELLED', 'was cancelled'],
  ['LOST', 'WORKER_LOST', 'has been taken over by another attempt, or its job is gone'],
] as const)('a receipt that says %s aborts the signal, and nothing more is sent', async (stop, code, why) => {
  const { playhead, transport, said } = connect();
  const progress = await playhead.track(TASK);
  transport.stop = stop;
  progress.update(0.5, 'processing', 'half');
  await vi.waitFor(() => expect(progress.signal.aborted).toBe(true), PATIENCE_MS);
  expect(progress.signal.reason).toMatchObject({ code });
  progress.update(0.6, 'processing', 'more');
  expect(await progress.complete(1)).toBe('refused');
  expect(transport.reports).toHaveLength(1);
  expect(transport.endings).toEqual([]);
  expect(said).toEqual([`transcode job-7 ${why}; nothing more is taken of it`]);
});

test('a cancellation that is heard aborts the signal at once, and listening ends with the job', async () => {
  const { playhead, transport } = connect();
  const [cancelled, completed] = await Promise.all([
    playhead.track(TASK),
    playhead.track({ ...TASK, jobId: 'job-8' }),
  ]);
  transport.listeners.get('job 1')?.('CANCELLED');
  expect(cancelled?.signal.reason).toMatchObject({ code: 'CANCELLED' });
  expect(completed?.signal.aborted).toBe(false);
  await completed?.complete();
  expect([...transport.listeners]).toEqual([]);
});

test('a job that was cancelled before it begins is stopped at once', async () => {
  const { playhead, transport } = connect();
  transport.stopAtStart = 'CANCELLED';
  const progress = await playhead.track(TASK);
  expect(progress.signal.reason).toMatchObject({ code: 'CANCELLED' });
  expect(await progress.complete(1)).toBe('refused');
});

test('what the server will never take is logged, and the task goes on', async () => {
  const { playhead, transport, said } = connect();
  transport.refusal = new TransportError('BAD_USER_INPUT', 'projectId: expected letters', {
    isPassing: false,
  });
  const progress = await playhead.track(TASK);
  progress.update(0.5, 'processing', 'half');
  expect(await progress.complete(1)).toBe('refused');
  expect(progress.signal.aborted).toBe(false);
  expect(said).toEqual([
    'Playhead refused to track transcode job-7, which goes on unseen: projectId: expected letters',
  ]);
});

test('closing a tracker sends nothing more', async () => {
  const { playhead, transport } = connect();
  const progress = await playhead.track(TASK);
  progress.close();
  progress.update(0.5, 'processing', 'half');
  expect(await progress.complete(1)).toBe('refused');
  expect(await playhead.close()).toEqual([]);
  expect(transport.reports).toEqual([]);
});

test.each<[string, (playhead: TrackerConnection) => Promise<unknown>, string]>([
  ['no project', (p) => p.track({ ...TASK, projectId: '' }), 'projectId: expected a text, received ""'],
  [
    'a short lease',
    (p) => p.track({ ...TASK, leaseSeconds: 1 }),
    'leaseSeconds: expected 5..3600, received 1',
  ],
  ['steps without shares', (p) => p.track({ ...TASK, steps: {} }), 'steps: expected shares'],
  [
    'no items',
    (p) => p.trackBatch({ ...TASK, totalItems: 0 }),
    'totalItems: expected a positive whole number',
  ],
])('%s is refused where it is given', async (_what, call, message) => {
  const { playhead } = connect();
  await expect(call(playhead)).rejects.toThrow(message);
});

test('progress that is none, and a step that there is not, are refused where they are given', async () => {
  const { playhead } = connect();
  const progress = await playhead.track(TASK);
  expect(() => progress.update(1.1, 'processing', '')).toThrow('progress: expected 0..1, received 1.1');
  expect(() => progress.update(Number.NaN, 'processing', '')).toThrow(RangeError);
  expect(() => progress.step('render')).toThrow('step: expected one of probe, encode, received render');
  expect(() => progress.step('probe', 2)).toThrow('progress inside probe: expected 0..1, received 2');
});

test('a batch reports the mean over its items, as Playhead’s own batches do', async () => {
  const { playhead, transport } = connect();
  const batch = await playhead.trackBatch({ ...TASK, totalItems: 4 });
  batch.updateItem(0, 0.5, 'processing', 'Encoding');
  batch.updateItem(1, 0, 'completed', 'Done');
  batch.updateItem(3, 0.2, 'failed', 'No codec');
  batch.updateItem(3, 0.9, 'processing', 'dropped: it has ended');
  batch.updateItem(0, 0.4, 'processing', 'Encoding again');
  expect(batch.progress).toBe(0.625);
  await batch.complete();
  const [end] = transport.endings;
  expect(end?.before[0]).toMatchObject({
    progress: 0.625,
    message: '#1 Encoding again',
    metadata: { itemIndex: 0, itemStatus: 'processing', completed: 1, failed: 1, cancelled: 0, total: 4 },
  });
  expect(end?.ending).toMatchObject({ result: { total: 4, succeeded: 1, failed: 1, cancelled: 0 } });
  expect(() => batch.updateItem(4, 0, 'processing', '')).toThrow('index: expected 0..3, received 4');
});

test('an item of a batch at 1 is completed, whatever its status says', async () => {
  const { playhead, transport } = connect();
  const batch = await playhead.trackBatch({ ...TASK, totalItems: 3 });
  for (const index of [0, 1, 2]) batch.updateItem(index, 1, 'processing', 'Done');
  expect(batch.progress).toBe(1);
  await batch.complete();
  const [end] = transport.endings;
  expect(end?.before[0]).toMatchObject({ progress: 1, metadata: { itemStatus: 'completed', completed: 3 } });
  expect(end?.ending).toMatchObject({ result: { total: 3, succeeded: 3, failed: 0, cancelled: 0 } });
});
