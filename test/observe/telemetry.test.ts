/** OpenTelemetry as a collector sees it: over real HTTP, from real processes, with real work. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { until } from '../setup/deadline.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { observe } from './observing.ts';
import { OtlpReceiver, toHex } from './otlp-receiver.ts';
import { deploy } from './processes.ts';

const SPEAK = `mutation Speak($text: String!) {
  generateAudio(input: { projectId: "p", text: $text }) { id }
}`;
const WRITE = `mutation {
  writeScript(input: { projectId: "p", brief: "Magma collects below the surface. The pressure breaks the rock above it. Ash falls for days." }) { id }
}`;
const TYPES = new Map([
  ['playhead.job.progress', 'ProgressEvent'],
  ['playhead.job.error', 'ErrorEvent'],
  ['playhead.job.completion', 'CompletionEvent'],
]);
const PRODUCER = 4;
const CONSUMER = 5;

test('one trace goes from the mutation through the queue into the worker, its steps and its tools', async () => {
  const collector = await OtlpReceiver.start();
  const deployed = await deploy({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20token-of-the-collector',
  });
  const { generateAudio } = await deployed.post<{ generateAudio: { id: string } }>(SPEAK, {
    text: 'Good day.',
  });
  expect(await deployed.ended(generateAudio.id)).toBe('COMPLETED');
  // SIGTERM sends what waits.
  const [worker, api] = await deployed.end();
  expect([worker?.code, api?.code]).toEqual([0, 0]);

  const mutation = collector.span('mutation generateAudio');
  expect(mutation.parentSpanId).toBe('');
  expect(mutation.service).toBe('playhead-api');
  const added = collector.span('add jobs.verified_audio');
  const processed = collector.span('process jobs');
  expect([added.kind, processed.kind]).toEqual([PRODUCER, CONSUMER]);
  expect(processed.service).toBe('playhead-worker');
  const tool = collector.spans.find(({ name }) => name === 'ffmpeg' || name.startsWith('media '));
  if (tool === undefined) throw new Error('expected the span of a tool');
  expect(collector.ancestry(tool)).toEqual([
    'mutation generateAudio',
    'add jobs.verified_audio',
    'process jobs',
    'job verified_audio',
    expect.stringMatching(/^step \w+$/),
    tool.name,
  ]);
  const job = collector.span('job verified_audio');
  expect(job.attributes).toMatchObject({
    'playhead.project.id': 'p',
    'playhead.job.id': generateAudio.id,
    'playhead.job.attempt': 1,
    'playhead.outcome': 'done',
  });
  // BullMQ's own housekeeping makes no traces.
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([mutation.traceId]));

  const events = collector.records.filter(({ eventName }) => eventName.startsWith('playhead.job.'));
  expect(events[0]).toMatchObject({
    traceId: mutation.traceId,
    attributes: {
      'playhead.project.id': 'p',
      'playhead.job.id': generateAudio.id,
      'playhead.job.progress': 0,
    },
  });
  expect(new Set(events.map(({ traceId }) => traceId))).toEqual(new Set([mutation.traceId]));
  expect(events.filter(({ eventName }) => eventName === 'playhead.job.completion')).toHaveLength(1);
  expect(new Set(events.map(({ attributes }) => attributes['playhead.job.step']))).toContain(
    'normalize_text',
  );

  const line = collector.records.find(({ body }) => body === 'job completed');
  expect(line?.traceId).toBe(mutation.traceId);
  const printed = worker?.lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'job completed');
  expect(printed).toMatchObject({ trace_id: toHex(mutation.traceId), span_id: toHex(line?.spanId ?? '') });

  expect(collector.metrics.get('playhead-worker playhead.jobs.ended')).toMatchObject({
    kind: 'sum',
    unit: '{job}',
    points: [{ attributes: { workflow: 'AUDIO', status: 'COMPLETED' }, value: 1 }],
  });
  expect(collector.metrics.get('playhead-worker playhead.step.duration')).toMatchObject({
    kind: 'histogram',
    unit: 's',
  });
  expect(collector.metrics.get('playhead-api playhead.jobs.created')?.points).toEqual([
    { attributes: { workflow: 'AUDIO' }, value: 1 },
  ]);
  expect(new Set(collector.headers.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer token-of-the-collector']),
  );
  expect(Buffer.concat(collector.bodies).includes('token-of-the-collector')).toBe(false);
});

test('a collector that never answers, or refuses connections, delays neither jobs nor the end', async () => {
  const collector = await OtlpReceiver.start({ deaf: true });
  // Port 9: nobody listens.
  const refusing = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
  const deployed = await deploy({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, refusing);
  const { writeScript } = await deployed.post<{ writeScript: { id: string } }>(WRITE);
  expect(await deployed.ended(writeScript.id)).toBe('COMPLETED');
  // After the retries of one batch.
  await deployed.workerSays('exporting telemetry failed');
  // 1 would mean that closing took longer than its limit.
  const [worker, api] = await deployed.end();
  expect([worker?.code, api?.code]).toEqual([0, 0]);
  expect(collector.headers.length).toBeGreaterThan(0);
  // Once, however many batches of spans, records and figures were refused.
  const complaints = worker?.lines.filter((line) => line.includes('exporting telemetry failed'));
  expect(complaints).toEqual([expect.stringContaining('ECONNREFUSED')]);
});

test('every event is a record, a retry and a job that the reconciler adds again stay in the trace of their mutation', async () => {
  const { collector, flush } = await observe();
  const path = await createJobPath();
  path.stage.fail(
    'analyze_audio',
    new PlayheadError('PROVIDER_FAILED', 'Bearer secret-of-a-provider said no', { retryAfterSeconds: 0.1 }),
  );
  const retried = await path.enqueue();
  const lost = await path.enqueue();
  await (await path.bull.getJob(lost.queueId))?.remove();
  await path.reconciler.sweep();
  const worker = await path.startWorker();
  await Promise.all([path.ended(retried.id), path.ended(lost.id)]);
  await until(() => worker.runner.running.length === 0);
  await flush();
  const places = (jobId: string) =>
    collector.records.filter(({ attributes }) => attributes['playhead.job.id'] === jobId);
  for (const { id } of [retried, lost]) {
    const written = (await path.events(id)).map((event) => {
      const { type, attempt } = event;
      const more =
        type === 'ProgressEvent' ? { step: event.step ?? undefined, progress: event.progress } : {};
      return [type, attempt, more];
    });
    const exported = places(id).map(({ eventName, attributes }) => {
      const type = TYPES.get(eventName);
      const step = attributes['playhead.job.step'];
      const progress = attributes['playhead.job.progress'];
      return [type, attributes['playhead.job.attempt'], type === 'ProgressEvent' ? { step, progress } : {}];
    });
    expect(exported).toEqual(written);
    expect(places(id).every(({ attributes }) => attributes['playhead.project.id'] === path.projectId)).toBe(
      true,
    );
  }
  const attempts = collector.spans.filter(({ name }) => name === 'job lipsync');
  expect(attempts.length).toBeGreaterThanOrEqual(3);
  for (const { id } of [retried, lost]) {
    const own = attempts.filter(({ attributes }) => attributes['playhead.job.id'] === id);
    expect(new Set(own.map(({ traceId }) => traceId)).size).toBe(1);
    expect(places(id).at(-1)?.traceId).toBe(own[0]?.traceId);
  }
  expect(Buffer.concat(collector.bodies).includes('secret-of-a-provider')).toBe(false);
});

test('nothing of OpenTelemetry is loaded while no endpoint is set', async () => {
  const program = `
    const { createRequire } = await import('node:module');
    await import('./src/server.ts');
    await import('./src/worker.ts');
    const { startObservation } = await import('./src/observe/observation.ts');
    await startObservation({ telemetry: {} }, 'api', () => {});
    const { cache } = createRequire(import.meta.url);
    console.log(JSON.stringify(Object.keys(cache).filter((path) => /opentelemetry|bullmq-otel/.test(path))));`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(JSON.parse((await run).stdout)).toEqual([]);
});
