/** A server and a worker as they are wired: what clients are told of the time that is left, and of calibrated progress. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { expect, inject, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { Durations } from '../../src/eta/durations.ts';
import { RangeStore } from '../../src/eta/range-store.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { startWorker } from '../../src/worker.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, unique } from '../setup/harness.ts';
import { tableOf, WORKFLOWS } from '../setup/workflows.ts';

const STEPS = tableOf('WRITER').map(({ name }) => name);
const ETA = 'eta { remainingSeconds lowSeconds highSeconds waitSeconds finishesAt }';

interface SeenEta {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
  readonly waitSeconds: number;
  readonly finishesAt: string;
}

interface SeenJob {
  readonly id: string;
  readonly status: string;
  readonly step: string | null;
  readonly progress: number;
  readonly steps: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly queuePosition: number | null;
  readonly eta: SeenEta | null;
}

/** Holds every run in its fourth step until it is released. */
function createGate(): { readonly workflow: RunnableWorkflow; release(): void } {
  const gate = Promise.withResolvers<void>();
  const workflow: RunnableWorkflow = {
    run: async (run) => {
      for (const [index, name] of STEPS.entries())
        await run.step(name, name, async () => {
          if (index === 3) await gate.promise;
          return null;
        });
      return {
        type: 'ScriptResult',
        script: { name: 'script.txt', path: 'p/j/script.txt', contentType: 'text/plain', sizeBytes: 1 },
        ...{ title: 'A', text: '', scenes: 1, estimatedDuration: 1, totalCostUsd: 0 },
      };
    },
  };
  return { workflow, release: gate.resolve };
}

async function start(workflow: RunnableWorkflow) {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-foresight-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const config = readConfig({
    ...{ PORT: '0', PLAYHEAD_PREFIX: unique('foresight'), PLAYHEAD_DATA_DIR: dataDir },
    ...{ PLAYHEAD_CONCURRENCY: '1', PLAYHEAD_PROGRESS: 'calibrated', PLAYHEAD_DRAIN_SECONDS: '0' },
  });
  const keys = createKeys(config.prefix);
  const redis = connect();
  const durations = new Durations({
    redis,
    keys,
    clock: systemClock,
    logger: silentLogger,
    workflows: WORKFLOWS,
  });
  // 70 s each.
  const steps = Object.fromEntries(STEPS.map((name) => [name, 10]));
  for (const _ of range(1, 20)) durations.record('WRITER', LOCAL_SETUP, { steps, size: {} });
  await until(async () => (await durations.history('WRITER', LOCAL_SETUP)).length === 20);
  const ranges = STEPS.map((name, index) => ({
    ...{ name, from: index / STEPS.length, to: (index + 1) / STEPS.length },
  }));
  await new RangeStore(redis, keys, systemClock).save('WRITER', ranges);
  const common = { config, redisUrl: inject('redisUrl'), logger: silentLogger };
  const server = await startServer(common);
  onTestFinished(() => server.close());
  const worker = await startWorker({
    ...common,
    workflows: WORKFLOWS,
    started: { workflows: { WRITER: workflow } },
  });
  onTestFinished(() => worker.close());
  const request = async <T>(query: string): Promise<T> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { url: server.url, request, ranges };
}

test('running and waiting jobs tell what is left, with its range and the wait, by calibrated progress', async () => {
  const gate = createGate();
  const { ranges, request, url } = await start(gate.workflow);
  const make = async (): Promise<string> =>
    (
      await request<{ writeScript: { id: string } }>(
        'mutation { writeScript(input: { projectId: "p", brief: "It rains." }) { id } }',
      )
    ).writeScript.id;
  const look = async (id: string): Promise<SeenJob> =>
    (
      await request<{ job: SeenJob }>(
        `{ job(projectId: "p", id: "${id}") { id status step progress steps { name from to } queuePosition ${ETA} } }`,
      )
    ).job;
  const [first, second] = [await make(), await make()];
  const running = await until(async () => {
    const job = await look(first);
    return job.step === STEPS[3] ? job : undefined;
  });
  expect(running.steps).toEqual(ranges);
  expect(running.progress).toBeCloseTo(3 / STEPS.length, 6);
  expect(running.queuePosition).toBeNull();
  const waiting = await look(second);
  expect(waiting).toMatchObject({ status: 'QUEUED', queuePosition: 1 });
  for (const { eta } of [running, waiting]) {
    expect(eta?.lowSeconds).toBeLessThanOrEqual(eta?.remainingSeconds ?? -1);
    expect(eta?.highSeconds).toBeGreaterThanOrEqual(eta?.remainingSeconds ?? Infinity);
    expect(Date.parse(eta?.finishesAt ?? '')).toBeGreaterThan(Date.now());
  }
  expect(running.eta?.waitSeconds).toBe(0);
  const wait = waiting.eta?.waitSeconds ?? 0;
  expect(wait).toBeGreaterThan(0);
  expect((waiting.eta?.remainingSeconds ?? 0) - wait).toBeCloseTo(70, 0);

  // A subscription begins with the same, the running job's as its last event told it.
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  onTestFinished(() => void client.dispose());
  // It waits only a moment for predictions, and then begins without them.
  const toldOf = await until(async () => {
    const events = client.iterate<{ jobEvents: { jobId: string; eta: SeenEta | null } }>({
      query: `subscription { jobEvents(projectId: "p") { ... on ProgressEvent { jobId ${ETA} } } }`,
    });
    const begun = [await events.next(), await events.next()].map(({ value }) => value?.data?.jobEvents);
    await events.return?.();
    const etas = new Map(begun.map((event) => [event?.jobId, event?.eta]));
    return typeof etas.get(second)?.waitSeconds === 'number' ? etas : null;
  });
  expect(toldOf.get(first)?.remainingSeconds).toBeGreaterThan(0);
  expect(toldOf.get(second)?.waitSeconds).toBeGreaterThan(0);

  gate.release();
  for (const id of [first, second]) {
    await until(async () => (await look(id)).status === 'COMPLETED');
    expect((await look(id)).eta).toBeNull();
  }
});
