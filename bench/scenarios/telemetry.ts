/**
 * The cost of observation: the same work with telemetry off, with /metrics read every second, and with everything exported over
 * OTLP to a collector on this machine. CPU is measured alternately, since a busy machine's speed changes. Also the cost when
 * telemetry is off: that of counting, and of calls to tracing that is not loaded.
 */

import { systemClock } from '../../src/core/clock.ts';
import { METERS } from '../../src/core/meters.ts';
import { trace } from '../../src/core/tracing.ts';
import { queuedEvent } from '../../src/jobs/job-events.ts';
import { noteAppended } from '../../src/log/appended.ts';
import { startObservation } from '../../src/observe/observation.ts';
import { printMeters } from '../../src/observe/prometheus.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { readConfig } from '../../src/settings/config.ts';
import {
  type Bench,
  type Contender,
  median,
  PLAYHEAD,
  Publisher,
  type Row,
  type Section,
  Server,
  silentLogger,
  sleep,
} from '../driver.ts';
import { measureByTurns } from './fanout.ts';
import { drive, overHttp, PLAYHEAD_WORKER } from './jobs.ts';

const SINK: Contender = { ...PLAYHEAD, name: 'collector', file: './otlp-sink.ts', execArgv: [] };
const MODES = ['off', 'scraped', 'on'] as const;
type Mode = (typeof MODES)[number];
type Each = Readonly<Record<Mode, number>>;
const SCRAPE_MS = 1_000;
const UPDATES = 300_000;

/** Reads a server's metrics every second until the process ends. */
async function scrape({ port }: Server): Promise<void> {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => null,
    );
    if (answered === null) return;
    await sleep(SCRAPE_MS);
  }
}

async function each(measure: (mode: Mode) => Promise<number>): Promise<Each> {
  const values: Partial<Record<Mode, number>> = {};
  for (const mode of MODES) values[mode] = await measure(mode);
  return values as Each;
}

class Setup {
  readonly bench: Bench;
  readonly #endpoint: string;

  constructor(bench: Bench, sink: Server) {
    this.bench = bench;
    this.#endpoint = `http://127.0.0.1:${sink.port}`;
  }

  contender(mode: Mode, base = PLAYHEAD): Contender {
    const env = mode === 'on' ? { OTEL_EXPORTER_OTLP_ENDPOINT: this.#endpoint } : {};
    return { ...base, name: mode, env };
  }

  /** In microseconds of CPU per delivered event, for single ones and bursts of 10. */
  async delivery(): Promise<{ readonly singles: Each; readonly bursts: Each }> {
    const loads = [
      { burst: 1, bursts: 40 },
      { burst: 10, bursts: 10 },
    ];
    const contenders = MODES.map((mode) => this.contender(mode));
    const rounds = this.bench.quick ? 1 : 7;
    const onOpen = (server: Server): void => {
      if (server.contender.name === 'scraped') void scrape(server);
    };
    const all = await measureByTurns(this.bench, contenders, loads, { rounds, onOpen });
    const of = (load: number) => each(async (mode) => median(all[mode]?.[load] ?? []));
    return { singles: await of(0), bursts: await of(1) };
  }

  /** Jobs per second, and microseconds of CPU per job over API and worker. */
  async jobs(): Promise<{ readonly rates: Each; readonly cpu: Each }> {
    const count = this.bench.quick ? 100 : 1_000;
    const cpu: Partial<Record<Mode, number>> = {};
    const rates = await each(async (mode) => {
      const env = { PLAYHEAD_CONCURRENCY: '16', PLAYHEAD_PREFIX: `${this.bench.prefix}-${mode}` };
      const [api, worker] = await Promise.all([
        Server.start(this.bench, this.contender(mode), { env }),
        Server.start(this.bench, this.contender(mode, PLAYHEAD_WORKER), { env }),
      ]);
      if (mode === 'scraped') void scrape(api);
      const { projectId } = new Publisher(this.bench, PLAYHEAD);
      const used = async (): Promise<number> => {
        const [one, other] = await Promise.all([api.usage(), worker.usage()]);
        return one.cpuMicros + other.cpuMicros;
      };
      const before = await used();
      const rate = await drive((onCompleted) => overHttp(api, projectId, onCompleted), count);
      cpu[mode] = ((await used()) - before) / (3 * count + 200);
      await Promise.all([api.end(), worker.end()]);
      return rate;
    });
    return { rates, cpu: cpu as Each };
  }

  /** update() in a hot loop, in this process: calls per millisecond of CPU. */
  async updates(): Promise<Each> {
    return each(async (mode) => {
      const { env = {} } = this.contender(mode);
      const { telemetry } = readConfig({ ...env, REDIS_URL: this.bench.redisUrl });
      const observation = await startObservation({ telemetry }, 'worker', () => {});
      const publisher = new Publisher(this.bench, PLAYHEAD);
      await publisher.begin();
      const parts = { log: this.bench.log, clock: systemClock, logger: silentLogger, onRefused: () => {} };
      const tracker = new ProgressTracker(publisher.state, parts);
      const rates: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const before = process.cpuUsage();
        for (let call = 0; call < UPDATES; call += 1)
          tracker.update(call / UPDATES, 'processing', 'clips', null);
        if (mode === 'scraped') await printMeters(Object.values(METERS));
        const { user, system } = process.cpuUsage(before);
        rates.push(UPDATES / ((user + system) / 1_000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await tracker.close();
      await observation.close();
      return median(rates);
    });
  }

  /**
   * With telemetry off: nanoseconds of CPU for counting a written event, for work that would be a span, and for recording a
   * duration. Measured in this process.
   */
  untold(): { readonly event: number; readonly span: number; readonly duration: number } {
    const event = queuedEvent(new Publisher(this.bench, PLAYHEAD).state, 0);
    const done = Promise.resolve();
    const nothing = (): Promise<void> => done;
    return {
      event: nanosecondsOf(() => noteAppended(event, 'report')),
      span: nanosecondsOf(() => void trace('nothing', 'internal', NO_ATTRIBUTES, nothing)),
      duration: nanosecondsOf(() => METERS.toolDuration.record(0.1, 'nothing', 'ok')),
    };
  }

  /** CPU until it listens, and its memory then; if scraped, after the first answer. */
  async start(): Promise<{ readonly cpuMs: Each; readonly rssMb: Each }> {
    const cpu: Record<Mode, number[]> = { off: [], scraped: [], on: [] };
    const rss: Record<Mode, number[]> = { off: [], scraped: [], on: [] };
    for (let round = 0; round < (this.bench.quick ? 1 : 4); round += 1) {
      for (const mode of MODES) {
        const server = await Server.start(this.bench, this.contender(mode));
        if (mode === 'scraped') await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
        const { cpuMicros } = await server.usage();
        cpu[mode].push(cpuMicros / 1_000);
        rss[mode].push((await server.usage(true)).rssBytes / 2 ** 20);
        await server.end();
      }
    }
    const of = (values: Record<Mode, number[]>) => each(async (mode) => median(values[mode]));
    return { cpuMs: await of(cpu), rssMb: await of(rss) };
  }
}

const NO_ATTRIBUTES = {};
const LOOPS = 1_000_000;

/** Median of five rounds. */
function nanosecondsOf(work: () => void): number {
  const rounds = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let loop = 0; loop < LOOPS; loop += 1) work();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / LOOPS;
  });
  return median(rounds);
}

/** What a no-op job produces: `queued`, `started` and its ending; spans and durations along the way. */
const OF_A_JOB = { event: 3, span: 4, duration: 2 };

export async function telemetry(bench: Bench): Promise<Section> {
  const sink = await Server.start(bench, SINK);
  const setup = new Setup(bench, sink);
  const delivery = await setup.delivery();
  const jobs = await setup.jobs();
  const start = await setup.start();
  const updates = await setup.updates();
  const untold = setup.untold();
  const perJob =
    OF_A_JOB.event * untold.event + OF_A_JOB.span * untold.span + OF_A_JOB.duration * untold.duration;
  const offShare = perJob / 1_000 / jobs.cpu.off;
  const { counters } = await sink.usage();
  return {
    name: 'telemetry',
    rows: [
      {
        what: 'off: an event counted, a span not made, a duration recorded (ns)',
        value: [untold.event, untold.span, untold.duration].map((cost) => cost.toFixed(0)).join(', '),
      },
      {
        what: 'off: of the CPU of a job that does nothing',
        value: `${(100 * offShare).toFixed(3)} %`,
        goal: 'at most 0.1 %',
        met: offShare <= 0.001,
      },
      costs('CPU per delivery, single events (µs)', delivery.singles, 2),
      costs('CPU per delivery, bursts of 10 (µs)', delivery.bursts, 2),
      costs('CPU per job, API and worker (µs)', jobs.cpu, 0),
      ...ratios('single events', delivery.singles),
      ...ratios('bursts of 10', delivery.bursts),
      ...ratios('jobs', jobs.cpu),
      costs('jobs per second', jobs.rates, 0),
      costs('CPU until it listens (ms)', start.cpuMs, 0),
      costs('memory then (MB)', start.rssMb, 0),
      costs('update() calls per ms of CPU', updates, 0),
      {
        what: 'the collector was sent',
        value: `${counters['requests']} requests, ${counters['bytes']} bytes`,
      },
    ],
    figures: { untold, offShare, delivery, jobs, start, updates, collector: counters },
  };
}

function costs(what: string, values: Each, digits: number): Row {
  return { what, value: MODES.map((mode) => `${mode} ${values[mode].toFixed(digits)}`).join(', ') };
}

function ratios(what: string, { off, scraped, on }: Each): readonly Row[] {
  return [
    { what: `${what}: read every second, of off`, value: (scraped / off).toFixed(3) },
    { what: `${what}: exported, of off`, value: (on / off).toFixed(3) },
  ];
}
