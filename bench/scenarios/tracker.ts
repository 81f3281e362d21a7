/** ./tracker: how cheap update() is, and the cost of 1,000 jobs of one process that are each updated 50 times a second. */
import { connectTracker } from '../../src/tracker/connect-tracker.ts';
import {
  type Bench,
  type Contender,
  median,
  PLAYHEAD,
  type Row,
  type Section,
  Server,
  sleep,
} from '../driver.ts';

const WAYS = { redis: 'over Redis', http: 'over HTTP' } as const;
type Way = keyof typeof WAYS;
const JOBS = 1_000;
const CALLS = 1_000_000;
const TASK: Contender = { ...PLAYHEAD, name: 'task', file: './tracker-task.ts', execArgv: [] };

interface Cost {
  readonly perSecond: number;
  /** CPU per report, in µs. */
  readonly taskMicros: number;
  readonly apiMicros: number;
}

export async function tracker(bench: Bench): Promise<Section> {
  const callsPerSecond = await measureCalls(bench);
  const api = await Server.start(bench, PLAYHEAD, { env: { PLAYHEAD_MAX_QUEUED_JOBS: '100000' } });
  const [redis, http] = [await measure(bench, api, 'redis'), await measure(bench, api, 'http')];
  await api.end();
  const calls = {
    what: 'update() calls per second of CPU',
    value: Math.round(callsPerSecond).toLocaleString('en'),
    goal: 'at least 1,000,000',
    met: callsPerSecond >= 1_000_000,
  };
  return {
    name: 'tracker',
    rows: [calls, toRow('redis', redis), toRow('http', http)],
    figures: { callsPerSecond, redis, http },
  };
}

async function measureCalls({ prefix, redisUrl }: Bench): Promise<number> {
  const playhead = connectTracker({ redis: redisUrl, prefix });
  const progress = await playhead.track({ projectId: 'bench', taskName: 'calls' });
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) {
      progress.update(call / CALLS, 'processing', 'Generating clips (3/10)', null);
    }
    const { system, user } = process.cpuUsage(before);
    rounds.push(CALLS / ((user + system) / 1e6));
    await sleep(150);
  }
  await progress.complete();
  await playhead.close();
  return median(rounds);
}

async function measure(bench: Bench, api: Server, way: Way): Promise<Cost> {
  const watchMs = bench.quick ? 2_000 : 10_000;
  const env = { WAY: way, JOBS: String(JOBS), API_URL: `http://127.0.0.1:${api.port}` };
  const task = await Server.start(bench, { ...TASK, env });
  // Give the compiler time to finish.
  await sleep(watchMs / 2);
  const begin = performance.now();
  const before = await Promise.all([task.usage(), api.usage()]);
  await sleep(watchMs);
  const after = await Promise.all([task.usage(), api.usage()]);
  const seconds = (performance.now() - begin) / 1_000;
  await task.end();
  const reports = (after[0].counters['reports'] ?? 0) - (before[0].counters['reports'] ?? 0);
  return {
    perSecond: reports / seconds,
    taskMicros: (after[0].cpuMicros - before[0].cpuMicros) / reports,
    apiMicros: (after[1].cpuMicros - before[1].cpuMicros) / reports,
  };
}

function toRow(way: Way, { apiMicros, perSecond, taskMicros }: Cost): Row {
  const rate = Math.round(perSecond).toLocaleString('en');
  return {
    what: `1,000 jobs ${WAYS[way]}`,
    value: `${rate} reports/s; CPU task ${taskMicros.toFixed(0)}, API ${apiMicros.toFixed(0)} µs a report`,
    goal: '10 reports/s of each',
    met: perSecond >= 9.5 * JOBS,
  };
}
