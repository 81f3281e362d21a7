/**
 * Runs around every test file: sockets, servers, child processes and timers that the file opened must be closed when
 * its last test and hook are over. A resource that was unref'd counts as closed: it keeps no process alive.
 */
import { afterAll, beforeAll } from 'vitest';

const SETTLE_MS = 2000;
/** One-off work on its way to its own end: file reads, name look-ups, compression. */
const PASSING =
  /^(FSReqCallback|FSReqPromise|FileHandle|GetAddrInfoReqWrap|ZlibReqWrap|.*Request|.*ReqWrap|Immediate)$/;

let before: readonly string[] = [];

beforeAll(() => {
  before = openResources();
});

afterAll(async () => {
  const deadline = Date.now() + SETTLE_MS;
  let left = beyond(openResources(), before);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = beyond(openResources(), before);
  }
  if (left.length > 0) throw new Error(`left open after the file's tests: ${left.join(', ')}${details()}`);
});

function openResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => !PASSING.test(name));
}

/** Those of `now` that were not there before, counting doubles. */
function beyond(now: readonly string[], earlier: readonly string[]): readonly string[] {
  const rest = [...earlier];
  return now.filter((name) => {
    const index = rest.indexOf(name);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

/** Which sockets and children: Node tells this only through an inner function, so it may be missing. */
function details(): string {
  const inner = process as { _getActiveHandles?: () => readonly object[] };
  const handles = inner._getActiveHandles?.() ?? [];
  const names = handles.map((handle) => {
    const { spawnfile, pid, remotePort, remoteAddress } = handle as Record<string, unknown>;
    if (spawnfile !== undefined) return `child ${String(spawnfile)} (pid ${String(pid)})`;
    if (remotePort !== undefined) return `socket to ${String(remoteAddress)}:${String(remotePort)}`;
    return handle.constructor.name;
  });
  return names.length === 0 ? '' : `\nopen handles, the test runner's own among them: ${names.join(', ')}`;
}
