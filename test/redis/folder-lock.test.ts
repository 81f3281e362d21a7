import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isLocked, tryLock } from '../../src/core/file-lock.ts';
import { lock } from '../../src/redis/folder-lock.ts';
import { runningServer } from '../../src/redis/server-process.ts';

async function makePath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'lock');
}

test('a lock file that a dead process left is given to one at a time', async () => {
  const dead = String(spawnSync('true').pid);
  for (let round = 0; round < 50; round += 1) {
    const path = await makePath();
    await writeFile(path, dead);
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const release = await lock(path, 60_000);
        holders += 1;
        most = Math.max(most, holders);
        // Others get a turn to see whether they hold it as well.
        for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        await release();
      }),
    );
    expect(most).toBe(1);
  }
});

test('a lock is waited for up to the limit, and until the signal aborts', async () => {
  const path = await makePath();
  const release = await lock(path, 0);
  await expect(lock(path, 50)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const calledOff = new AbortController();
  const waiting = lock(path, 60_000, calledOff.signal);
  calledOff.abort(new Error('called off'));
  await expect(waiting).rejects.toThrow('called off');
  await release();
  await (await lock(path, 0))();
});

test('a child that inherits a lock holds it until it ends, also by SIGKILL', async () => {
  const path = await makePath();
  const held = tryLock(path);
  if (held === null) throw new Error('expected a free lock');
  const child = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', held.fd] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  held.release();
  expect(isLocked(path)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isLocked(path)).toBe(false);
});

test.runIf(existsSync('/proc'))(
  'a found server is sent a signal only where its process is certain: it has the lock',
  async () => {
    const path = await makePath();
    const held = tryLock(path);
    if (held === null) throw new Error('expected a free lock');
    const spawnSleep = async (lockFd: number | 'ignore') => {
      const child = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', lockFd] });
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child, 'spawn');
      return child;
    };
    const [holder, stranger] = [await spawnSleep(held.fd), await spawnSleep('ignore')];
    held.release();
    // Its number may be that of a server in another container, and here anybody's.
    const elsewhere = runningServer(stranger.pid ?? 0, path);
    expect([elsewhere.signal('SIGTERM'), elsewhere.ended()]).toEqual([false, false]);
    const server = runningServer(holder.pid ?? 0, path);
    expect([server.pid, server.output, server.exit()]).toEqual([
      holder.pid,
      [],
      { code: null, signal: null },
    ]);
    const ended = once(holder, 'exit');
    expect([server.ended(), server.signal('SIGTERM')]).toEqual([false, true]);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect([server.ended(), server.signal('SIGTERM')]).toEqual([true, false]);
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  },
);

test('a shared lock tells whether others hold it too', async () => {
  const path = await makePath();
  const one = tryLock(path, { shared: true });
  const two = tryLock(path, { shared: true });
  expect([one?.isOnlyHolder(), two?.isOnlyHolder()]).toEqual([false, false]);
  one?.release();
  expect(two?.isOnlyHolder()).toBe(true);
  // It is shared again, and not this holder's alone.
  const three = tryLock(path, { shared: true });
  expect(three).not.toBeNull();
  three?.release();
  two?.release();
});

test('a folder that cannot be written is STORAGE_FAILED with the path', async () => {
  const path = join(await makePath(), 'no', 'such', 'folder');
  await expect(lock(path, 0)).rejects.toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringContaining(path),
  });
});
