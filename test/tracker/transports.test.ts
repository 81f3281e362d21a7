/** Both transports, on a real server and a real Redis: what a task reports is what the API tells of its job. */
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { connectTracker } from '../../src/tracker/connect-tracker.ts';
import type { TrackerConnection, TrackOptions } from '../../src/tracker/connection.ts';
import { fieldOf, type SecuredServer, startSecured } from '../security/secured-server.ts';
import { PATIENCE_MS } from '../setup/deadline.ts';
import { startLossyProxy } from '../setup/lossy-proxy.ts';
import { Gate } from './gate.ts';

const TRANSPORTS = ['HTTP', 'Redis'] as const;
/** So long that within a test no heartbeat tells anything. */
const LEASE_SECONDS = 3_600;
const TASK: TrackOptions = { projectId: 'a', taskName: 'transcode', leaseSeconds: LEASE_SECONDS };
/** No test here is about how long a task waits for a slow server. */
const PATIENT = { openingWaitMs: PATIENCE_MS, endingWaitMs: PATIENCE_MS };

interface Ground {
  readonly secured: SecuredServer;
  readonly said: string[];
  /** Connects by the transport, through the address that it is given instead of the server's. */
  connect(through?: (url: string) => Promise<string>, token?: string): Promise<TrackerConnection>;
  job(id: string | null): Promise<Record<string, unknown>>;
  cancel(id: string | null): Promise<void>;
}

async function prepare(transport: (typeof TRANSPORTS)[number]): Promise<Ground> {
  const secured = await startSecured();
  const { prefix } = secured;
  const token = await secured.key({ scope: 'write' });
  const said: string[] = [];
  const say = (_fields: object, message: string): void => {
    said.push(message);
  };
  const logger = { ...silentLogger, warn: say, error: say, info: say };
  const ask = async <T>(query: string, name: string, id: string | null): Promise<T> =>
    fieldOf<T>(await secured.post(query, { credential: token, variables: { id } }), name);
  return {
    secured,
    said,
    connect: async (through = async (url) => url, credential = token) => {
      const playhead =
        transport === 'HTTP'
          ? connectTracker({ url: await through(secured.url), token: () => credential, logger, ...PATIENT })
          : connectTracker({ redis: await through(inject('redisUrl')), prefix, logger, ...PATIENT });
      onTestFinished(async () => void (await playhead.close()));
      return playhead;
    },
    job: (id) => ask(`query ($id: ID!) { job(projectId: "a", id: $id) { ${JOB} } }`, 'job', id),
    cancel: async (id) => {
      await ask(`mutation ($id: ID!) { cancelJob(projectId: "a", id: $id) { id } }`, 'cancelJob', id);
    },
  };
}

const JOB = `workflow taskName externalId title input status progress step message metadata attempt maxAttempts
  preview { url contentType }
  steps { name from to status } error { message code details }
  result { ... on DataResult { data artifacts { url contentType } } }`;

describe.each(TRANSPORTS)('over %s', (transport) => {
  test('a task is a job, from its first report to its result', async () => {
    const { connect, job, said } = await prepare(transport);
    const playhead = await connect();
    const progress = await playhead.track({
      ...TASK,
      ...{ jobId: '7', title: 'Seagulls', input: { height: 720 }, maxAttempts: 3 },
      steps: { probe: 1, encode: 3 },
    });
    progress.step('probe');
    progress.step('encode', 0.5, 'Frame 50 of 100', { frame: 50 });
    await vi.waitFor(
      async () => expect(await job(progress.jobId)).toMatchObject({ step: 'encode' }),
      PATIENCE_MS,
    );
    expect(await job(progress.jobId)).toMatchObject({
      ...{
        workflow: 'TRACKED',
        taskName: 'transcode',
        externalId: '7',
        title: 'Seagulls',
        input: { height: 720 },
      },
      ...{ status: 'RUNNING', progress: 0.625, message: 'Frame 50 of 100', metadata: { frame: 50 } },
      ...{ attempt: 1, maxAttempts: 3 },
      steps: [
        { name: 'probe', from: 0, to: 0.25, status: 'COMPLETED' },
        { name: 'encode', from: 0.25, to: 1, status: 'RUNNING' },
      ],
    });
    const preview = { url: 'https://films.test/7-50.jpg', contentType: 'image/jpeg' };
    progress.preview(preview);
    await vi.waitFor(async () => expect(await job(progress.jobId)).toMatchObject({ preview }), PATIENCE_MS);
    const film = { url: 'https://films.test/7.mp4', contentType: 'video/mp4' };
    expect(await progress.complete({ frames: 100 }, [film])).toBe('accepted');
    const ended = { status: 'COMPLETED', progress: 1, result: { data: { frames: 100 }, artifacts: [film] } };
    expect(await job(progress.jobId)).toMatchObject(ended);
    expect(said).toEqual([]);
  });

  test('a queue’s retry is the next attempt of the same job, and the attempt before is stopped', async () => {
    const { connect, job } = await prepare(transport);
    const playhead = await connect();
    const first = await playhead.track({ ...TASK, jobId: '7', maxAttempts: 3 });
    first.update(0.4, 'processing', 'Encoding');
    expect(
      await first.error(new Error('no disk'), { code: 'ENOSPC', details: { free: 0 }, willRetry: true }),
    ).toBe('accepted');
    const error = { message: 'no disk', code: 'ENOSPC', details: { free: 0 } };
    expect(await job(first.jobId)).toMatchObject({ status: 'RETRYING', progress: 0.4, error });
    const second = await playhead.track({ ...TASK, jobId: '7', maxAttempts: 3 });
    expect(second).toMatchObject({ jobId: first.jobId, attempt: 2 });
    const third = await playhead.track({ ...TASK, jobId: '7', maxAttempts: 3 });
    expect(third).toMatchObject({ jobId: first.jobId, attempt: 3 });
    second.update(0.5, 'processing', 'as if nothing had happened');
    await vi.waitFor(() => expect(second.signal.reason).toMatchObject({ code: 'WORKER_LOST' }), PATIENCE_MS);
    expect(await third.complete()).toBe('accepted');
  });

  test('a cancellation reaches a task that says nothing, and its queue’s next attempt', async () => {
    const { cancel, connect, job } = await prepare(transport);
    const playhead = await connect();
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    await cancel(progress.jobId);
    await vi.waitFor(() => expect(progress.signal.reason).toMatchObject({ code: 'CANCELLED' }), PATIENCE_MS);
    expect(await progress.complete(1)).toBe('refused');
    expect(await job(progress.jobId)).toMatchObject({ status: 'CANCELLED' });
    const again = await playhead.track({ ...TASK, jobId: '7' });
    expect(again.signal.reason).toMatchObject({ code: 'CANCELLED' });
  });

  test('what a server that was away did not hear is sent when it is back', async () => {
    const { connect, job, said } = await prepare(transport);
    let gate: Gate | undefined;
    const playhead = await connect(async (url) => {
      gate = await Gate.open(url);
      return gate.url;
    });
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    const { jobId } = progress;
    await gate?.shut();
    progress.update(0.7, 'processing', 'Encoding', { frame: 70 });
    const ending = progress.error('broken', { details: { frame: 71 } });
    await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE_MS);
    await gate?.open();
    await ending;
    await vi.waitFor(async () => expect(await job(jobId)).toMatchObject({ status: 'FAILED' }), PATIENCE_MS);
    expect(await job(jobId)).toMatchObject({
      progress: 0.7,
      metadata: { frame: 70 },
      error: { message: 'broken' },
    });
    expect(await playhead.close()).toEqual([]);
  });

  test('what is sent again because its answer was lost counts once', async () => {
    const { connect, job } = await prepare(transport);
    const words = transport === 'HTTP' ? ['trackJob', 'reportCompletion'] : ['transcode', 'COMPLETION'];
    let lose = async (_text: string): Promise<void> => {};
    const playhead = await connect(async (url) => {
      const proxy = await startLossyProxy(url);
      lose = async (text) => proxy.loseAnswersTo(text, 1);
      return proxy.url;
    });
    await lose(words[0] ?? '');
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    await vi.waitFor(() => expect(progress.jobId).not.toBeNull(), PATIENCE_MS);
    expect(progress.attempt).toBe(1);
    await lose(words[1] ?? '');
    expect(await progress.complete({ frames: 1 })).not.toBe('refused');
    await vi.waitFor(
      async () => expect(await job(progress.jobId)).toMatchObject({ status: 'COMPLETED' }),
      PATIENCE_MS,
    );
    expect(await playhead.close()).toEqual([]);
  });

  test('a report that is not taken is told, and the ending comes through; so does one whose result is not taken', async () => {
    const { connect, job, said } = await prepare(transport);
    const playhead = await connect();
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    progress.update(0.2, 'processing', 'fine', ['no object'] as never);
    await vi.waitFor(
      () => expect(said[0]).toMatch(/^Playhead refused a report of transcode .*metadata/),
      PATIENCE_MS,
    );
    const link = { url: 'ftp://films.test/7.mp4', contentType: 'video/mp4' };
    expect(await progress.complete({ frames: 1 }, [link])).toBe('accepted');
    expect(said[1]).toMatch(/^Playhead refused the result of transcode .*url/);
    expect(await job(progress.jobId)).toMatchObject({
      status: 'COMPLETED',
      result: { data: {}, artifacts: [] },
    });
  });

  test('a task that can’t be tracked goes on', async () => {
    const { connect, said } = await prepare(transport);
    const playhead = await connect();
    const progress = await playhead.track({ ...TASK, projectId: 'not a project' });
    progress.update(0.5, 'processing', 'half');
    expect(await progress.complete()).toBe('refused');
    expect(said).toEqual([
      expect.stringMatching(/^Playhead refused to track transcode .*, which goes on unseen: .*project/),
    ]);
  });
});

describe('over HTTP', () => {
  test('a key that may only report hears of a cancellation by its next report', async () => {
    const { cancel, connect, said, secured } = await prepare('HTTP');
    const playhead = await connect(undefined, await secured.key({ scope: 'report' }));
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    progress.update(0.2, 'processing', 'Encoding');
    await cancel(progress.jobId);
    await vi.waitFor(() => {
      progress.update(0.3, 'processing', 'Encoding');
      expect(progress.signal.reason).toMatchObject({ code: 'CANCELLED' });
    }, PATIENCE_MS);
    expect(said).toEqual(['transcode 7 was cancelled; nothing more is taken of it']);
  });

  test('a key that is not taken loses nothing: what is kept is sent with the next', async () => {
    const { connect, job, secured, said } = await prepare('HTTP');
    const right = await secured.key({ scope: 'report' });
    let key = 'wrong';
    const playhead = connectTracker({
      url: secured.url,
      token: () => key,
      logger: { ...silentLogger, warn: (_fields, message) => void said.push(message) },
      openingWaitMs: 100,
      endingWaitMs: PATIENCE_MS,
    });
    onTestFinished(async () => void (await playhead.close()));
    const progress = await playhead.track({ ...TASK, jobId: '7' });
    const ending = progress.complete({ frames: 3 });
    await vi.waitFor(() => expect(said).toHaveLength(1), PATIENCE_MS);
    key = right;
    await ending;
    await vi.waitFor(() => expect(progress.jobId).not.toBeNull(), PATIENCE_MS);
    expect(await playhead.close()).toEqual([]);
    expect(await job(progress.jobId)).toMatchObject({ status: 'COMPLETED' });
    await connect();
  });
});

test.each([
  [{ url: 'playhead.example' }, 'Invalid URL'],
  [{ url: 'ftp://playhead.example' }, 'url: expected http:// or https://, received ftp://'],
  [{ redis: 'http://127.0.0.1' }, 'expected redis://'],
  [{}, 'expected url or redis, or an address in PLAYHEAD_URL'],
])('the address %j is refused at once', (options, message) => {
  expect(() => connectTracker(options)).toThrow(message);
});
