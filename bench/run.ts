/**
 * `npm run bench [-- --quick] [-- SCENARIO…]`: measures Playhead alongside its peers, in one run over loopback, prints a
 * table with the goals and writes bench/results.json. Ends by itself. `--cpu-prof` also writes the servers' CPU profiles to
 * bench/profiles, and `--save` puts the table into bench/README.md. Installs its own packages if they are missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bench, Section } from './driver.ts';
import { withResults } from './results-table.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { options, wanted } = readArguments();
const { quick } = options;
/** In seconds, for scenarios that take more than ten minutes unless the machine is idle: two million events. */
const LIMITS: Readonly<Record<string, number>> = { feeds: 1_800 };

if (!existsSync(join(folder, 'node_modules'))) {
  console.log('installing the packages of bench/ (the peers): npm ci in bench');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const { Bench: BenchClass } = await import('./driver.ts');
const { findRedisServer } = await import('../src/settings/programs.ts');
const { launchRedis } = await import('../src/redis/launcher.ts');
const { closeRedis } = await import('../src/redis/client.ts');
const scenarios: Readonly<Record<string, () => Promise<(bench: Bench) => Promise<Section>>>> = {
  fanout: async () => (await import('./scenarios/fanout.ts')).fanout,
  latency: async () => (await import('./scenarios/latency.ts')).latency,
  publish: async () => (await import('./scenarios/publish.ts')).publish,
  resume: async () => (await import('./scenarios/resume.ts')).resume,
  'slow-clients': async () => (await import('./scenarios/slow-clients.ts')).slowClients,
  jobs: async () => (await import('./scenarios/jobs.ts')).jobs,
  tracker: async () => (await import('./scenarios/tracker.ts')).tracker,
  tracked: async () => (await import('./scenarios/tracked.ts')).tracked,
  mixed: async () => (await import('./scenarios/mixed.ts')).mixed,
  growth: async () => (await import('./scenarios/growth.ts')).growth,
  telemetry: async () => (await import('./scenarios/telemetry.ts')).telemetry,
  memory: async () => (await import('./scenarios/memory.ts')).memory,
  feeds: async () => (await import('./scenarios/feeds.ts')).feeds,
  film: async () => (await import('./scenarios/film.ts')).film,
  dashboard: async () => (await import('./scenarios/dashboard.ts')).dashboard,
  eta: async () => (await import('./scenarios/eta.ts')).eta,
  'eta-mixed': async () => (await import('./scenarios/eta-mixed.ts')).etaMixed,
};
const unknown = wanted.filter((name) => !(name in scenarios));
if (unknown.length > 0) {
  console.error(`expected any of ${Object.keys(scenarios).join(', ')}, received ${unknown.join(', ')}`);
  process.exit(2);
}

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-bench-'));
const redis = await launchRedis({ dataDir, binary: findRedisServer(), persist: false, restart: false });
const bench = new BenchClass(redis.url, quick, options['cpu-prof'] ? join(folder, 'profiles') : null);
const sections: Section[] = [];
const failed: string[] = [];
// A scenario whose processes were ended while it still waited for them has already been reported.
process.on('unhandledRejection', () => {});
const started = performance.now();
try {
  for (const [name, load] of Object.entries(scenarios)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const begin = performance.now();
    const run = await load();
    try {
      const section = await limited(run(bench), name);
      sections.push(section);
      print(section, (performance.now() - begin) / 1000);
    } catch (error) {
      failed.push(name);
      console.log(`\n${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
    await bench.endAll();
  }
} finally {
  await bench.endAll();
  await closeRedis(bench.redis);
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
const [cpu] = cpus();
const machine = {
  date: new Date().toISOString(),
  cpu: cpu?.model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
};
const file = join(folder, 'results.json');
writeFileSync(file, `${JSON.stringify({ machine, quick, sections }, null, 2)}\n`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
if (options.save) {
  const page = join(folder, 'README.md');
  const run = ['npm run bench', ...(quick ? ['-- --quick'] : []), ...wanted].join(' ');
  const about =
    `${machine.date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel.split('-')[0]}, ` +
    `Node ${machine.node}; \`${run}\`, all in one run of ${seconds} s.`;
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), about, sections));
}
const all = sections.flatMap(({ rows }) => rows).filter(({ met }) => met !== undefined);
const reached = all.filter(({ met }) => met).length;
console.log(`\n${reached} of ${all.length} goals reached in ${seconds} s`);
console.log(`${cpu?.model}, ${cpus().length} cores, Node ${process.version}; figures in ${file}`);
process.exit(failed.length === 0 ? 0 : 1);

/** Ends the process if an argument is unknown. */
function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        'cpu-prof': { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
      },
    });
    return { options: values, wanted: positionals };
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run bench [-- --quick --cpu-prof --save SCENARIO…]`);
    process.exit(2);
  }
}

/** Gives up a scenario that takes too long. */
function limited(section: Promise<Section>, name: string): Promise<Section> {
  const seconds = quick ? 120 : (LIMITS[name] ?? 600);
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${name} took more than ${seconds} s`)), seconds * 1_000).unref();
    section.then(resolve, reject);
  });
}

function print({ name, rows }: Section, seconds: number): void {
  console.log(`\n${name} (${seconds.toFixed(0)} s)`);
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, value, goal, met } of rows) {
    const verdict = goal === undefined ? '' : `   goal: ${goal}  ${met ? 'reached' : 'NOT REACHED'}`;
    console.log(`  ${what.padEnd(width)}  ${value}${verdict}`);
  }
}
