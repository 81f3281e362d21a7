/**
 * The cost of a film: a worker as started by `npm run worker` makes one from the example's script, and a longer one from the
 * same scenes. CPU and memory are those of the worker with its media processes and tools, from /proc, so this needs Linux.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type PlayheadClient } from '../../client/index.ts';
import { type Bench, PLAYHEAD, type Row, type Section } from '../driver.ts';

const path = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const SCRIPT = readFileSync(path('examples/script.txt'), 'utf8');
/** How often the long film repeats the scenes of the short one. */
const REPEATS = 8;
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 250;
const PROJECT = 'film';

interface Made {
  readonly filmSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly previewSeconds: number;
}

export async function film(bench: Bench): Promise<Section> {
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-bench-film-'));
  const env = {
    ...process.env,
    ...{ REDIS_URL: bench.redisUrl, PLAYHEAD_PREFIX: bench.prefix, PLAYHEAD_DATA_DIR: dataDir },
    ...{ PORT: '0', PLAYHEAD_LOG_LEVEL: 'error' },
  };
  const started = (file: string): ChildProcess => {
    const child = fork(path(file), { env, execArgv: [...(PLAYHEAD.execArgv ?? [])] });
    bench.onEnd(() => end(child));
    return child;
  };
  try {
    const api = started('src/server.ts');
    const [{ url }] = (await once(api, 'message')) as [{ readonly url: string }];
    const client = createClient({ url, projectId: PROJECT });
    const rows: Row[] = [];
    const figures: Record<string, Made> = {};
    for (const [name, script] of [
      ['the example', SCRIPT],
      ['eight times its scenes', longer()],
    ] as const) {
      if (bench.quick && script !== SCRIPT) continue;
      // A fresh worker, which has never made a film.
      const worker = started('src/worker.ts');
      await once(worker, 'message');
      const made = await make(client, worker, script);
      await end(worker);
      figures[name] = made;
      rows.push(...rowsOf(`${name}, ${made.filmSeconds.toFixed(0)} s of film`, made));
    }
    client.close();
    await end(api);
    return { name: 'film', rows, figures };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function rowsOf(what: string, { cpuSeconds, filmSeconds, peakMb, previewSeconds }: Made): readonly Row[] {
  const cost = cpuSeconds / filmSeconds;
  return [
    {
      what: `${what}: CPU seconds for a second`,
      value: cost.toFixed(3),
      goal: 'at most 0.5',
      met: cost <= 0.5,
    },
    {
      what: `${what}: most memory at once`,
      value: `${Math.round(peakMb)} MB`,
      goal: 'at most 700 MB',
      met: peakMb <= 700,
    },
    {
      what: `${what}: first preview after`,
      value: `${previewSeconds.toFixed(1)} s`,
      goal: 'at most 3 s',
      met: previewSeconds <= 3,
    },
  ];
}

/** No sentence is said twice, since an existing take would cost nothing. */
function longer(): string {
  const [title = '', ...scenes] = SCRIPT.split(/^(?=## )/m);
  const parts = Array.from({ length: REPEATS }, (_, part) =>
    scenes.join('').replaceAll(/^([A-Z]+: (?:\[.*?\] )?)/gm, `$1Number ${part + 1}. `),
  );
  return `${title}${parts.join('\n')}`;
}

async function make(client: PlayheadClient, worker: ChildProcess, script: string): Promise<Made> {
  const { pid = 0 } = worker;
  let peakKb = 0;
  let lastKb = 0;
  const sampling = setInterval(() => {
    const nowKb = memoryKb(pid);
    // At the moment a process is forked, its parent's memory is counted twice.
    peakKb = Math.max(peakKb, Math.min(lastKb, nowKb));
    lastKb = nowKb;
  }, SAMPLE_MS);
  const began = performance.now();
  const before = cpuTicks(pid);
  const run = client.follow(await client.start('DIRECTOR', { script }));
  let previewSeconds = Number.POSITIVE_INFINITY;
  for await (const { preview } of run) {
    if (preview !== null) previewSeconds = Math.min(previewSeconds, (performance.now() - began) / 1_000);
  }
  clearInterval(sampling);
  const filmSeconds = Number((await run.result)?.data['totalDuration']);
  // By now its tools and media processes have ended, and their time counts as its own.
  const cpuSeconds = (cpuTicks(pid) - before) / TICKS_PER_SECOND;
  return { filmSeconds, cpuSeconds, peakMb: peakKb / 1_024, previewSeconds };
}

/** User and system time of a process, including its ended children (proc(5)). */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Memory of a process and all its descendants, with shared pages counted once. */
function memoryKb(pid: number): number {
  try {
    const own = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return children.reduce((sum, child) => sum + memoryKb(Number(child)), own);
  } catch {
    // It has ended in the meantime.
    return 0;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
