/** What ends `npm start` and the demo, at whatever moment, leaves nothing running: no Redis, no API, no worker. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { processesOn } from '../setup/processes.ts';

interface Started {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** Waits until it has printed this, or until this holds. */
  reaches(moment: string | (() => boolean)): Promise<void>;
}

function run(
  root: 'start' | 'demo',
  dataDir: string = mkdtempSync(join(tmpdir(), 'playhead-ending-')),
): Started {
  const child = fork(
    new URL(root === 'demo' ? '../../scripts/demo.ts' : '../../src/start.ts', import.meta.url),
    {
      env: { PATH: process.env['PATH'], PORT: '0', PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_DRAIN_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    endAll(dataDir);
  });
  const reaches = async (moment: string | (() => boolean)): Promise<void> => {
    await until(() => (typeof moment === 'string' ? printed.includes(moment) : moment()), {});
  };
  return { child, dataDir, exited, reaches };
}

function endAll(dataDir: string): void {
  for (const line of processesOn(dataDir)) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
}

async function expectNothingLeft({ exited, dataDir }: Started, code: number): Promise<void> {
  expect(await within(exited, PATIENCE_MS, 'the end')).toBe(code);
  expect(processesOn(dataDir)).toEqual([]);
}

describe.runIf(process.platform === 'linux')('npm start ends in order, and leaves nothing running', () => {
  const moments: readonly (readonly [string, (started: Started) => Promise<void>])[] = [
    [
      'while its Redis starts',
      ({ dataDir, reaches }) => reaches(() => existsSync(join(dataDir, 'redis', 'instance.json'))),
    ],
    ['while API and worker start', ({ reaches }) => reaches('private Redis is ready')],
    ['when one of them is up', ({ reaches }) => reaches(' ready')],
    ['when all are up', ({ reaches }) => reaches('Playhead is running')],
  ];
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;
  test.each(signals.flatMap((signal) => moments.map(([name, moment]) => ({ signal, name, moment }))))(
    'by $signal $name',
    async ({ signal, moment }) => {
      const started = run('start');
      await moment(started);
      started.child.kill(signal);
      await expectNothingLeft(started, 0);
    },
  );

  test('and leaves the Redis to another one on the same data folder, until that ends', {
    timeout: 240_000,
  }, async () => {
    const first = run('start');
    await first.reaches('Playhead is running');
    const second = run('start', first.dataDir);
    const ready = once(second.child, 'message') as Promise<[{ url: string }]>;
    const [{ url }] = await within(ready, PATIENCE_MS, 'the second start');
    first.child.kill('SIGTERM');
    expect(await within(first.exited, PATIENCE_MS, 'the end of the first')).toBe(0);
    await until(async () => (await fetch(`${url}/readyz`)).status === 200);
    const query = 'mutation { writeScript(input: { projectId: "p", brief: "Ash falls for days." }) { id } }';
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(await answer.json()).toMatchObject({ data: { writeScript: { id: expect.any(String) } } });
    second.child.kill('SIGTERM');
    await expectNothingLeft(second, 0);
  });

  test('when npm, which has started it, gets SIGTERM', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'playhead-ending-'));
    const { HOME, PATH } = process.env;
    const npm = spawn('npm', ['run', '--ignore-scripts', 'start'], {
      env: { HOME, PATH, PORT: '0', PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_DRAIN_SECONDS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => endAll(dataDir));
    let printed = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await until(() => printed.includes('Playhead is running'));
    npm.kill('SIGTERM');
    await until(() => processesOn(dataDir).length === 0);
  });

  test('when its parent dies while it loads its modules', async () => {
    const started = run('start');
    started.child.disconnect();
    await expectNothingLeft(started, 0);
  });
});

describe.runIf(process.platform === 'linux')('the demo leaves nothing running', () => {
  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('by %s while it starts', async (signal) => {
    const started = run('demo');
    await started.reaches(() => existsSync(join(started.dataDir, 'redis', 'instance.json')));
    started.child.kill(signal);
    await expectNothingLeft(started, 130);
  });

  test('by SIGHUP while its job runs', async () => {
    const started = run('demo');
    await started.reaches('Job ');
    started.child.kill('SIGHUP');
    await expectNothingLeft(started, 130);
  });
});
