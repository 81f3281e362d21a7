import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, within } from '../setup/deadline.ts';

const repository = resolve(import.meta.dirname, '../..');

const FILES: Readonly<Record<string, string>> = {
  'vitest.config.ts': `
    import SummaryReporter from '${repository}/test/setup/summary-reporter.ts';
    export default { test: {
      include: ['*.test.ts'], pool: 'forks', maxWorkers: 1, isolate: false,
      hookTimeout: 180_000, setupFiles: ['${repository}/test/setup/leaks.ts'],
      reporters: ['default', new SummaryReporter()],
    } };`,
  'clean.test.ts': `
    import { createServer } from 'node:http';
    import { test } from 'vitest';
    test('closes what it opens', async () => {
      const server = createServer().listen(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      server.close();
    });
    test.skip('is left out', () => {});
    setTimeout(() => {}, 100);`,
  'socket.test.ts': `
    import { createServer, connect } from 'node:net';
    import { test } from 'vitest';
    test('opens a socket', () => { const server = createServer().listen(0, () => connect(server.address().port)); });`,
  'child.test.ts': `
    import { spawn } from 'node:child_process';
    import { test } from 'vitest';
    test('starts a child', () => { spawn('sleep', ['600']); });`,
  'timer.test.ts': `
    import { test } from 'vitest';
    test('sets a timer', () => { setInterval(() => {}, 1000); });`,
  'failing.test.ts': `
    import { test, expect } from 'vitest';
    test('fails', () => { expect(1).toBe(2); });`,
};

let folder: string;
let output: string;
let lastLine: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-setup-'));
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  output = await new Promise((done) => {
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
    const env = { ...process.env, NO_COLOR: '1', VITEST: undefined, VITEST_WORKER_ID: undefined };
    execFile(process.execPath, [vitest, 'run'], { cwd: folder, env }, (_error, stdout, stderr) => {
      lastLine = stdout.trimEnd().split('\n').at(-1);
      done(stdout + stderr);
    });
  });
});
afterAll(async () => {
  // Nobody else ends it.
  const [, sleeper] = /child sleep \(pid (\d+)\)/.exec(output) ?? [];
  if (sleeper !== undefined) process.kill(Number(sleeper), 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('the leak check', () => {
  test('fails a file that leaves a socket, a child process or a timer, and names it', () => {
    expect(output).toMatch(
      /FAIL\s+socket\.test\.ts[\s\S]*?left open after the file's tests: .*TCPSocketWrap/,
    );
    expect(output).toMatch(/FAIL\s+child\.test\.ts[\s\S]*?left open after the file's tests: .*ProcessWrap/);
    expect(output).toMatch(/child sleep \(pid \d+\)/);
    expect(output).toMatch(
      /FAIL\s+timer\.test\.ts[\s\S]*?left open after the file's tests: timer set at .*timer\.test\.ts:3/,
    );
  });

  test('lets a file pass whose resources end shortly after it', () => {
    expect(output).not.toMatch(/FAIL\s+clean\.test\.ts/);
  });
});

test('a run ends with one plain line of figures, in which a failed file counts', () => {
  // Passed: one each in clean, socket, child, timer. Failed: one test and three files.
  expect(lastLine).toBe('4 passed, 4 failed, 1 skipped');
});

describe('until', () => {
  test('gives the first value that is one', async () => {
    let calls = 0;
    expect(await until(() => (++calls < 3 ? undefined : calls))).toBe(3);
  });

  test('takes 0 and the empty string for values', async () => {
    expect(await until(() => 0)).toBe(0);
    expect(await until(() => '')).toBe('');
  });

  test('says what it waited for, and why the last look failed', async () => {
    const looking = until(() => Promise.reject(new Error('no answer')), {
      timeoutMs: 30,
      what: 'the answer',
    });
    await expect(looking).rejects.toMatchObject({
      message: 'not within 30 ms: the answer',
      cause: { message: 'no answer' },
    });
  });

  test('does not wait longer for a condition that hangs', async () => {
    await expect(until(() => new Promise<true>(() => {}), { timeoutMs: 20 })).rejects.toThrow(
      'not within 20 ms',
    );
  });
});

test('within passes a value or an error on', async () => {
  expect(await within(Promise.resolve(1), 100)).toBe(1);
  await expect(within(Promise.reject(new Error('no')), 100)).rejects.toThrow('no');
});
