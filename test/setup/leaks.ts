/**
 * Runs around every test file: sockets, servers, child processes and timers that the file opened must be closed when
 * its last test and hook are over. A resource that was unref'd counts as closed: it keeps no process alive.
 */
import { afterAll, beforeAll } from 'vitest';

/** Looks before what is open counts as left open: 8 s, or as many turns of a process that a busy machine holds up. */
const LOOKS = 400;
const LOOK_EVERY_MS = 20;
/** One-off work that will end by itself: file reads, name look-ups, compression. Timers are tracked separately. */
const PASSING =
  /^(Timeout|Immediate|FSReqCallback|FSReqPromise|FileHandle|GetAddrInfoReqWrap|ZlibReqWrap|.*Request|.*ReqWrap)$/;

/**
 * Timers set by the file and the code under test, with an error that knows where: to put that into words takes 0.3 ms, so it is
 * done for timers that are left over. The test runner has captured its own setTimeout earlier, so its timers, which come and go,
 * are not included. In a run of mutants one process runs many files, and this module anew for each of them, so the map is the
 * process's.
 */
type Timers = Map<NodeJS.Timeout & { readonly _destroyed?: boolean }, Error>;
const shared = globalThis as { watchedTimers?: Timers };
const timers: Timers = shared.watchedTimers ?? new Map();
if (shared.watchedTimers === undefined) {
  shared.watchedTimers = timers;
  globalThis.setTimeout = watch(globalThis.setTimeout);
  globalThis.setInterval = watch(globalThis.setInterval);
}
// What an earlier file has left has failed that file.
timers.clear();
const pause = globalThis.setTimeout;
let before: readonly string[] = [];

beforeAll(() => {
  before = openResources();
});

afterAll(async () => {
  let left = leftOver();
  for (let looks = 1; left.length > 0 && looks < LOOKS; looks += 1) {
    await new Promise((resolve) => pause(resolve, LOOK_EVERY_MS));
    left = leftOver();
  }
  if (left.length > 0) throw new Error(`left open after the file's tests: ${left.join(', ')}${details()}`);
});

function leftOver(): readonly string[] {
  const pending = [...timers].filter(([timer]) => timer._destroyed !== true && timer.hasRef());
  return [...beyond(openResources(), before), ...pending.map(([, set]) => `timer set ${placeOf(set)}`)];
}

function placeOf(set: Error): string {
  return set.stack?.split('\n')[2]?.trim() ?? 'somewhere';
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
      timers.set(timer, new Error('set here'));
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
