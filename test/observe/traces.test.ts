/** What belongs to which trace, and what becomes of it when a collector cannot take it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ProviderHttp } from '../../media/providers/http-client.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { currentTracing } from '../../src/core/tracing.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import {
  anySignal,
  fakeTiming,
  json,
  KEY_TEXT,
  key,
  startFakeApi,
  status,
} from '../media/providers/fake-api.ts';
import { Client } from '../realtime/endpoint.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { observe } from './observing.ts';
import { toHex } from './otlp-receiver.ts';

const MUTATION = 'mutation { writeScript(input: { projectId: "p", brief: "It rains." }) { id } }';
const CALLER = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const CLIENT = 3;

async function serve(): Promise<{ readonly url: string; mutate(headers?: object): Promise<string> }> {
  const config = readConfig({ PORT: '0', PLAYHEAD_PREFIX: unique('traces') });
  const server = await startServer({ config, redisUrl: inject('redisUrl'), logger: silentLogger });
  onTestFinished(() => server.close());
  const mutate = async (headers: object = {}): Promise<string> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: MUTATION }),
    });
    return ((await response.json()) as { data: { writeScript: { id: string } } }).data.writeScript.id;
  };
  return { url: server.url, mutate };
}

test('a mutation goes on in its caller’s trace (traceparent), and respects that it is not sampled', async () => {
  const { collector, flush } = await observe();
  const { mutate, url } = await serve();
  const sampled = await mutate({ traceparent: `00-${CALLER}-${SPAN}-01`, tracestate: 'shop=1' });
  const unsampled = await mutate({ traceparent: `00-${CALLER.replace('4', '5')}-${SPAN}-00` });
  const broken = await mutate({ traceparent: '00-not-a-trace' });
  const client = await Client.connect(`${url.replace('http', 'ws')}/graphql`, {
    traceparent: `00-${CALLER.replace('4', '6')}-${SPAN}-01`,
  });
  client.subscribe('m', {}, MUTATION);
  await client.until(({ type }) => type === 'complete');
  await flush();

  const mutations = collector.spans.filter(({ name }) => name === 'mutation writeScript');
  const [own, ...others] = mutations.map(({ traceId, parentSpanId }) => [traceId, parentSpanId].map(toHex));
  expect(own).toEqual([CALLER, SPAN]);
  // The broken one and that over WebSocket, whose connection is not one operation's.
  expect(others).toHaveLength(2);
  for (const [traceId, parent] of others) {
    expect(traceId).not.toMatch(/f92f3577b34da6a3ce929d0e0e4736$/);
    expect(parent).toBe('');
  }
  const added = collector.spans.filter(({ name }) => name.startsWith('add '));
  expect(added.map(({ traceId }) => toHex(traceId))).toContain(CALLER);
  expect(added).toHaveLength(3);
  // Events are records of the trace, whether its spans are sent or not.
  const traceOf = (id: string) =>
    toHex(collector.records.find(({ attributes }) => attributes['playhead.job.id'] === id)?.traceId ?? '');
  expect(traceOf(sampled)).toBe(CALLER);
  expect(traceOf(unsampled)).toBe(CALLER.replace('4', '5'));
  expect(traceOf(broken)).toMatch(/^[0-9a-f]{32}$/);
});

test('a mutation that fails is a failed span, with the code that the client gets', async () => {
  const { collector, flush } = await observe();
  const { url } = await serve();
  const codeOf = async (query: string, variables: object = {}): Promise<string | undefined> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
    return errors?.[0]?.extensions.code;
  };
  const cancel = 'mutation ($id: ID!) { cancelJob(projectId: "p", id: $id) { id } }';
  expect([await codeOf(cancel, { id: 'none' }), await codeOf(cancel), await codeOf(MUTATION)]).toEqual([
    'NOT_FOUND',
    'BAD_USER_INPUT',
    undefined,
  ]);
  await flush();
  const spans = collector.spans.filter(({ name }) => name.startsWith('mutation '));
  expect(spans.map(({ name, failed, attributes }) => [name, failed, attributes['error.type']])).toEqual([
    ['mutation cancelJob', true, 'NOT_FOUND'],
    ['mutation cancelJob', true, 'BAD_USER_INPUT'],
    ['mutation writeScript', false, undefined],
  ]);
});

test('each call of a provider is a span with its outcome, without key, path or body', async () => {
  const { collector, flush } = await observe();
  const api = await startFakeApi(status(503, { error: 'busy' }), json({ fine: true }));
  const http = new ProviderHttp('Speech', { baseUrl: api.baseUrl, key, timeoutMs: 5_000 }, fakeTiming());
  const call = { method: 'POST', path: '/audio/speech-path', body: { input: 'said-text' } } as const;
  await http.run({ ...call, signal: anySignal(), limitBytes: 1_000 }, (answer) => answer.text());
  await flush();
  const base = { 'http.request.method': 'POST', 'server.address': '127.0.0.1' };
  expect(
    collector.spans.map(({ name, kind, failed, attributes }) => [name, kind, failed, attributes]),
  ).toEqual([
    ['provider Speech', CLIENT, true, { ...base, 'error.type': 'PROVIDER_FAILED' }],
    ['provider Speech', CLIENT, false, { ...base, 'http.request.resend_count': 1 }],
  ]);
  const tools = collector.metrics.get('test playhead.tool.duration')?.points ?? [];
  expect(tools.map(({ attributes, value }) => [attributes['tool'], attributes['outcome'], value])).toEqual([
    ['provider Speech', 'PROVIDER_FAILED', 1],
    ['provider Speech', 'ok', 1],
  ]);
  for (const secret of [KEY_TEXT, 'speech-path', 'said-text'])
    expect(Buffer.concat(collector.bodies).includes(secret)).toBe(false);
});

test('the items of a batch stand in its trace, each below its own entry in the queue', async () => {
  const { collector, flush } = await observe();
  const path = await createBatchPath();
  const tracing = currentTracing();
  if (tracing === undefined) throw new Error('expected tracing');
  const batch = await tracing.trace('mutation batch', 'server', {}, () => path.enqueueBatch(3));
  const worker = await path.startWorker();
  await path.ended(batch.id);
  await until(() => worker.runner.running.length === 0);
  await worker.shutDown();
  await flush();
  const items = await path.items(batch);
  expect(items).toHaveLength(3);
  for (const { id, queueId } of items) {
    const job = collector.spans.find(({ attributes }) => attributes['playhead.job.id'] === id);
    if (job === undefined) throw new Error(`expected the span of the item ${id}`);
    expect(collector.ancestry(job)).toEqual([
      ...['mutation batch', 'addFlow jobs', 'addNode jobs', 'addNode jobs', 'process jobs', 'job lipsync'],
    ]);
    const processed = collector.spans.find(({ spanId }) => spanId === job.parentSpanId);
    const entry = collector.spans.find(({ spanId }) => spanId === processed?.parentSpanId);
    expect(entry?.attributes['bullmq.job.id']).toBe(queueId);
  }
  const { traceId } = collector.span('mutation batch');
  const events = collector.records.filter(({ attributes }) =>
    [batch, ...items].some(({ id }) => id === attributes['playhead.job.id']),
  );
  // Of the batch and of its items, the endings too.
  expect(new Set(events.map((event) => event.traceId))).toEqual(new Set([traceId]));
  expect(events.filter(({ eventName }) => eventName === 'playhead.job.completion')).toHaveLength(4);
});

test('a job whose queue entry was lost goes on in its trace when the reconciler adds the entry again', async () => {
  const { collector, flush } = await observe();
  const path = await createJobPath();
  const tracing = currentTracing();
  if (tracing === undefined) throw new Error('expected tracing');
  const { id } = await tracing.trace('mutation job', 'server', {}, () => path.enqueue());
  await (await path.bull.getJob(id))?.remove();
  await path.reconciler.sweep();
  const worker = await path.startWorker();
  await path.ended(id);
  await until(() => worker.runner.running.length === 0);
  await worker.shutDown();
  await flush();
  const job = collector.spans.find(({ attributes }) => attributes['playhead.job.id'] === id);
  expect(job?.traceId).toEqual(collector.span('mutation job').traceId);
});

test('while a collector does not answer, what waits is bounded; the rest is left out, and counted', async () => {
  const { collector, flush } = await observe({ deaf: true });
  const tracing = currentTracing();
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const usedMb = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const before = usedMb();
  // 80 MB of texts, in turns between which the exporter may work.
  for (const index of range(1, 20_000)) {
    const body = `${index} `.padEnd(4_000, 'text ');
    tracing?.emit({ name: 'burst', level: 'info', body, attributes: {} });
    if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // 8,192 of them are 33 MB.
  expect(usedMb() - before).toBeLessThan(50);
  collector.hear();
  await until(() => collector.records.length >= 8_192, { what: 'what waited' });
  await flush();
  const left = collector.metrics
    .get('test otel.sdk.processor.log.processed')
    ?.points.find(({ attributes }) => attributes['error.type'] === 'queue_full');
  expect(collector.records.length + (left?.value ?? 0)).toBe(20_000);
});

test('a collector that refuses what it is sent (a wrong token) is complained about, once a minute', async () => {
  const { collector, problems, flush } = await observe({ status: 401 });
  await currentTracing()?.trace('span', 'internal', {}, async () => {});
  currentTracing()?.emit({ name: 'event', level: 'info', body: '', attributes: {} });
  await flush();
  // Traces, logs and metrics.
  expect(collector.headers).toHaveLength(3);
  expect(problems).toEqual([expect.stringMatching(/OTLPExporterError.*Unauthorized/)]);
});
