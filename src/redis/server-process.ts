/** Processes as the launcher sees them: a redis-server of ours, one found running, and whether a process lives. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const OUTPUT_LINES = 20;

/** One redis-server process, ours or adopted. */
export interface Server {
  /** 0 when it could not be started. */
  readonly pid: number;
  /** The last lines that it printed; empty for one that is not our child. */
  readonly output: readonly string[];
  ended(): boolean;
  exit(): { readonly code: number | null; readonly signal: NodeJS.Signals | null };
}

/** Starts a redis-server and hands it its settings on stdin. */
export function spawnServer(binary: string, settings: string): Server {
  // A process group of its own: Ctrl-C in a terminal must not end Redis before the worker has drained.
  const child = spawn(binary, ['-'], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: string[] = [];
  child.on('error', (error) => output.push(error.message));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.push(...text.split('\n').filter((line) => line.trim() !== ''));
      output.splice(0, output.length - OUTPUT_LINES);
    });
  }
  child.stdin.on('error', () => {}); // It ended before it read its settings; its exit tells.
  child.stdin.end(settings);
  return {
    pid: child.pid ?? 0,
    output,
    ended: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    exit: () => ({ code: child.exitCode, signal: child.signalCode }),
  };
}

/** A server that somebody else started. */
export function runningServer(pid: number): Server {
  return { pid, output: [], ended: () => !isAlive(pid), exit: () => ({ code: null, signal: null }) };
}

/** Sends a signal; a process that is gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

/** Whether a process with this id lives. One of another user counts; a dead one that nobody has reaped does not. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // In a container whose first process reaps nobody, an orphan stays a zombie for ever.
  return process.platform !== 'linux' || !/^State:\s+Z/m.test(readProc(pid, 'status'));
}

/**
 * Whether the process still is what a file says it was, and not another that got the same id later.
 * @param name matched against its command line
 */
export async function isProgram(pid: number, name: RegExp): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return name.test(readProc(pid, 'cmdline'));
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]);
    return name.test(stdout);
  } catch {
    return true; // No ps: better to take it for the one than to start a second server on the same files.
  }
}

function readProc(pid: number, file: 'status' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
