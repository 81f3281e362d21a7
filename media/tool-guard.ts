/**
 * Ensures that no tool outlives its worker: a small process beside this one kills the tools when this one has died (SIGKILL,
 * out of memory) or has been stopped for so long that its jobs belong to others by then. It is started with the first tool.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BEAT_MS = 500;
const PROGRAM = fileURLToPath(new URL('./tool-guard-process.ts', import.meta.url));

let silenceMs = 30_000;
let guard: ChildProcess | null = null;

/**
 * @param limitMs how long this process may be silent before its tools are killed; takes effect when the next guard is started
 */
export function setToolSilenceLimit(limitMs: number): void {
  silenceMs = limitMs;
}

/** Puts a running tool under guard. @returns a function to call when the tool has ended */
export type ToolGuard = (pid: number) => () => void;

/** Uses this process's own guard. */
export const guardTool: ToolGuard = (pid) => {
  const to = guard ?? startGuard();
  say(to, `+${pid}`);
  return () => say(to, `-${pid}`);
};

function startGuard(): ChildProcess {
  // A separate session: Ctrl-C in a terminal shuts the worker down gracefully, and the guard ends only after it.
  const child = spawn(process.execPath, [PROGRAM, String(silenceMs)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  const beat = setInterval(() => say(child, '.'), BEAT_MS);
  const gone = (): void => {
    clearInterval(beat);
    if (guard === child) guard = null;
  };
  // Without a guard, tools run unguarded; the next one starts another guard.
  child.once('error', gone).once('exit', gone);
  child.stdin?.on('error', gone);
  // The guard must not keep this process alive.
  beat.unref();
  child.unref();
  (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  guard = child;
  return child;
}

function say(child: ChildProcess, line: string): void {
  if (child.stdin?.writable) child.stdin.write(`${line}\n`);
}
