/**
 * Runs around every test file: sockets, servers, child processes and timers that the file opened must be closed when
 * its last test and hook are over. A resource that was unref'd counts as closed: it keeps no process alive.
 */
import { afterAll, beforeAll } from 'vitest';

const SETTLE_MS = 8000;
/** One-off work that will end by itself: file reads, name look-ups, compression. Timers are tracked separately. */
const PASSING =
  /^(Timeout|Immediate|FSReqCallback|FSReqPromise|FileHandle|GetAddrInfoReqWrap|ZlibReqWrap|.*Request|.*ReqWrap)$/;

/**
 * Timers set by the file and the code under test, with the place where they were set. The test runner has captured its own
 * setTimeout earlier, so its timers, which come and go, are not included.
 */
const timers = new Map<NodeJS.Timeout & { readonly _destroyed?: boolean }, string>();
let before: readonly string[] = [];

globalThis.setTimeout = watch(globalThis.setTimeout);
globalThis.setInterval = watch(globalThis.setInterval);
const pause = globalThis.setTimeout;

beforeAll(() => {
  before = openResources();
});

afterAll(async () => {
  const deadline = performance.now() + SETTLE_MS;
  let left = leftOver();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => pause(resolve, 20));
    left = leftOver();
  }
  if (left.length > 0) throw new Error(`left open after the file's tests: ${left.join(', ')}${details()}`);
});

function leftOver(): readonly string[] {
  const pending = [...timers].filter(([timer]) => timer._destroyed !== true && timer.hasRef());
  return [...beyond(openResources(), before), ...pending.map(([, place]) => `timer set ${place}`)];
}

function openResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => !PASSING.test(name));
}

/** The entries of `now` that were not there earlier, counting duplicates. */
function beyond(now: readonly string[], earlier: readonly string[]): readonly string[] {
  const rest = [...earlier];
  return now.filter((name) => {
    const index = rest.indexOf(name);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

function watch<Set extends typeof setTimeout | typeof setInterval>(set: Set): Set {
  return new Proxy(set, {
    apply(target, self, args: Parameters<typeof setTimeout>) {
      const timer: NodeJS.Timeout = Reflect.apply(target, self, args);
      if (timers.size >= 1000)
        for (const old of timers.keys()) if (old._destroyed === true) timers.delete(old);
      timers.set(timer, new Error('set here').stack?.split('\n')[2]?.trim() ?? 'somewhere');
      return timer;
    },
  });
}

/** Names the sockets and children. Node exposes them only through an internal function, so this may be empty. */
function details(): string {
  const inner = process as { _getActiveHandles?: () => readonly object[] };
  const names = (inner._getActiveHandles?.() ?? []).map((handle) => {
    const { spawnfile, pid, remotePort, remoteAddress } = handle as Record<string, unknown>;
    if (spawnfile !== undefined) return `child ${String(spawnfile)} (pid ${String(pid)})`;
    if (remotePort !== undefined) return `socket to ${String(remoteAddress)}:${String(remotePort)}`;
    return handle.constructor.name;
  });
  return names.length === 0 ? '' : `\nopen handles, the test runner's own among them: ${names.join(', ')}`;
}
