/** `/metrics` of real processes, who may read it, and that what is drawn and watched is what it prints. */
import { readFileSync } from 'node:fs';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { emptyResource } from '@opentelemetry/resources';
import { createClient } from 'graphql-ws';
import { expect, inject, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../src/core/logger.ts';
import { Counter, Gauge, Histogram } from '../../src/core/meter.ts';
import { METERS } from '../../src/core/meters.ts';
import { Secret } from '../../src/core/secret.ts';
import { readMeters } from '../../src/observe/meter-data.ts';
import { serveWorkerMetrics } from '../../src/observe/observation.ts';
import { printMeters } from '../../src/observe/prometheus.ts';
import { startHeartbeat } from '../../src/redis/heartbeat.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { makeJwt, startSecured } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';

/** Value of a line; 0 when it is not there. */
function figureIn(text: string, line: string): number {
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}

async function scrape(url: string, token?: string): Promise<Response> {
  return fetch(
    `${url}/metrics`,
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  );
}

test('counts what happens between a mutation, its events and their subscribers', async () => {
  const config = readConfig({ PORT: '0', PLAYHEAD_PREFIX: unique('metrics') });
  const server = await startServer({ config, redisUrl: inject('redisUrl'), logger: silentLogger });
  onTestFinished(() => server.close());
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  onTestFinished(() => void client.dispose());
  const before = await (await scrape(server.url)).text();
  const events = client.iterate<{ jobEvents: { id: string } }>({
    query: 'subscription { jobEvents(projectId: "p") { ... on Event { id } } }',
  });
  const first = events.next();
  await until(async () => figureIn(await (await scrape(server.url)).text(), 'playhead_subscribers') === 1);
  const text = JSON.stringify(
    'mutation { writeScript(input: { projectId: "p", brief: "It rains." }) { id } }',
  );
  const made = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query":${text}}`,
  });
  expect(made.status).toBe(200);
  await first;
  // What Redis does not tell in time is left out.
  const { after, contentType } = await until(async () => {
    const response = await scrape(server.url);
    const text = await response.text();
    const isWhole = /^playhead_queue_jobs\{/m.test(text) && /^playhead_workers /m.test(text);
    return isWhole && { after: text, contentType: response.headers.get('content-type') };
  });
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const grown = (line: string): number => figureIn(after, line) - figureIn(before, line);
  expect(grown('playhead_jobs_created_total{workflow="WRITER"}')).toBe(1);
  expect(grown('playhead_events_published_total{type="ProgressEvent"}')).toBe(1);
  expect(grown('playhead_events_delivered_total{transport="websocket"}')).toBe(1);
  expect(grown('playhead_delivery_groups')).toBe(1);
  expect(grown('playhead_websocket_connections')).toBe(1);
  expect(grown('playhead_feeds')).toBe(1);
  expect(figureIn(after, 'process_memory_usage_bytes')).toBeGreaterThan(20_000_000);
  const waiting = ['waiting', 'prioritized'].map((state) => grown(`playhead_queue_jobs{state="${state}"}`));
  expect(waiting.reduce((one, other) => one + other)).toBe(1);
  expect(after).toMatch(/^playhead_workers 0$/m);
  const heartbeat = startHeartbeat({
    ...{ redis: connect(), keys: createKeys(config.prefix), logger: silentLogger },
    ...{ abilities: async () => [], offer: { slots: 1, setups: {} } },
  });
  await until(async () => figureIn(await (await scrape(server.url)).text(), 'playhead_workers') === 1);
  await heartbeat.close();
  await events.return?.();
});

test('a server that ends says so at /readyz to whoever still comes', async () => {
  const config = readConfig({ PORT: '0', PLAYHEAD_PREFIX: unique('closing') });
  const server = await startServer({ config, redisUrl: inject('redisUrl'), logger: silentLogger });
  const ready = async () => {
    const response = await fetch(`${server.url}/readyz`);
    return [response.status, await response.json()];
  };
  const before = await until(async () => {
    const answer = await ready();
    return answer[0] === 200 && answer;
  });
  expect(before).toEqual([200, { status: 'ready' }]);
  const closed = server.close(2_000);
  expect(await ready()).toEqual([503, { status: 'not ready', reason: 'this server is closing' }]);
  await closed;
});

test('figures of all projects are for admins of all projects, or whoever bears the token', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_METRICS_TOKEN: 'token-of-the-scraper' } });
  const all = await secured.key({ projects: '*', scope: 'admin' });
  const one = await secured.key({ projects: ['a'], scope: 'admin' });
  const statuses = await Promise.all(
    [undefined, 'wrong', await makeJwt(), one, all, 'token-of-the-scraper'].map(
      async (token) => (await scrape(secured.url, token)).status,
    ),
  );
  expect(statuses).toEqual([401, 401, 403, 403, 200, 200]);
});

test('a worker shows its figures at a port of its own, to whoever bears the token', async () => {
  const telemetry = {
    endpoint: undefined,
    headers: undefined,
    serviceName: undefined,
    metricsToken: new Secret('token-of-the-scraper'),
    workerMetricsPort: 0,
  };
  const server = await serveWorkerMetrics({ host: '127.0.0.1', telemetry }, silentLogger);
  onTestFinished(() => new Promise<void>((resolve) => void server?.close(() => resolve())));
  const address = server?.address();
  if (typeof address !== 'object' || address === null) throw new Error('expected an address');
  const url = `http://127.0.0.1:${address.port}`;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await scrape(url)).status).toBe(401);
  expect((await scrape(url, 'token-of-another')).status).toBe(401);
  expect(await (await scrape(url, 'token-of-the-scraper')).text()).toContain('process_memory_usage_bytes ');
});

test('a worker that others could ask needs the token', () => {
  const open = {
    HOST: '0.0.0.0',
    PLAYHEAD_AUTH_SECRET: 'x'.repeat(32),
    PLAYHEAD_WORKER_METRICS_PORT: '9464',
  };
  expect(() => readConfig(open)).toThrow('PLAYHEAD_METRICS_TOKEN');
  expect(() => readConfig({ ...open, PLAYHEAD_METRICS_TOKEN: 'y'.repeat(16) })).not.toThrow();
});

test('prints counters, gauges and histograms by the rules of Prometheus', async () => {
  const counter = new Counter('a.jobs', '{job}', 'Jobs.', ['kind']);
  counter.add(2, 'x"y');
  const gauge = new Gauge('a.size', 'By', 'Size.');
  gauge.observe(() => 5);
  gauge.observe(() => Promise.reject(new Error('Redis is away')));
  const histogram = new Histogram('a.wait', 's', 'Wait.', [], [1, 2]);
  for (const seconds of [-1, 1, 1.5, 9]) histogram.record(seconds);
  const lines = (await printMeters([counter, gauge, histogram]))
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  expect(lines.filter((line) => line !== '')).toEqual([
    'a_jobs_total{kind="x\\"y"} 2',
    'a_size_bytes 5',
    'a_wait_seconds_count 4',
    'a_wait_seconds_sum 11.5',
    'a_wait_seconds_bucket{le="1"} 2',
    'a_wait_seconds_bucket{le="2"} 3',
    'a_wait_seconds_bucket{le="+Inf"} 4',
  ]);
});

test('labels are bounded: beyond 200 different ones a meter counts under other', () => {
  const counter = new Counter('a', '1', 'A.', ['kind']);
  for (let index = 0; index < 1_000; index += 1) counter.add(1, `kind-${index}`);
  expect(counter.read()).toHaveLength(201);
  expect(counter.read().at(-1)).toMatchObject({ labels: ['other'], value: { value: 800 } });
});

/** What each meter is called in /metrics, with its labels. */
async function printedNames(): Promise<Map<string, readonly string[]>> {
  const names = new Map<string, readonly string[]>();
  for (const { kind, info } of Object.values(METERS)) {
    const sample = { counter: Counter, gauge: Gauge, histogram: Histogram }[kind];
    const meter = new sample(info.name, info.unit, info.description, [], [1]);
    if (meter instanceof Histogram) meter.record(1);
    if (meter instanceof Gauge) meter.observe(() => 1);
    for (const line of (await printMeters([meter])).split('\n')) {
      const name = /^(\w+)[ {]/.exec(line)?.[1];
      if (name !== undefined) names.set(name, info.labels);
    }
  }
  return names;
}

test.each(['grafana-dashboard.json', 'prometheus-alerts.yml'])(
  'docs/%s asks only for figures that are printed',
  async (file) => {
    const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
    const names = await printedNames();
    const used = [...text.matchAll(/\b((?:playhead|process)_[a-z_]+)(?:\{(.*?)\})?/g)];
    expect(used.length).toBeGreaterThan(5);
    for (const [, name = '', labels = ''] of used) {
      expect([...names.keys()], `${file} names ${name}`).toContain(name);
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        expect(names.get(name)).toContain(label);
    }
  },
);

test('the dashboard shows every figure', async () => {
  const text = readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8');
  const used = new Set([...text.matchAll(/\b(?:playhead|process)_[a-z_]+/g)].map(([name]) => name));
  for (const { info } of Object.values(METERS)) {
    const stem = info.name.replaceAll('.', '_');
    expect(
      [...used].some((name) => name.startsWith(stem)),
      `a panel with ${stem}`,
    ).toBe(true);
  }
});

test('prints what OpenTelemetry’s own serializer prints', async () => {
  const counter = new Counter('made.jobs', '{job}', 'Counts \\ things\nof two lines.', ['work.flow']);
  counter.add(3, 'A "quoted" \\ name\n');
  const seconds = new Histogram('run.time', 's', 'How long.', ['kind'], [0.1, 1]);
  for (const value of [0.05, 0.5, 0.7, 30]) seconds.record(value, 'x');
  const bytes = new Gauge('memory', 'By', 'How much.');
  bytes.observe(() => 4_096.5);
  const meters = [counter, seconds, bytes, new Counter('empty', '{job}', 'Says nothing.', ['label'])];
  const units: Readonly<Record<string, string>> = { s: '.seconds', By: '.bytes' };
  const metrics = (await readMeters(meters)).map((data) => {
    const { descriptor } = data;
    // It leaves units out of names, where Prometheus has them.
    const name = `${descriptor.name}${units[descriptor.unit] ?? ''}`;
    return { ...data, descriptor: { ...descriptor, name, unit: '' } };
  });
  const theirs = new PrometheusSerializer(undefined, false, undefined, true, true).serialize({
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: 'playhead' }, metrics }],
  });
  expect(await printMeters(meters)).toBe(theirs);
});
