/** Redis-servers as the launcher sees them: its own child, or one that it found running. */
import { spawn } from 'node:child_process';
import { readlinkSync, realpathSync } from 'node:fs';
import { type FileLock, isLocked } from '../core/file-lock.ts';

const OUTPUT_LINES = 20;
/** The descriptor by which a server holds its folder's lock. */
const LOCK_FD = 3;

/** One redis-server process, ours or found. */
export interface Server {
  /** As it reports it, perhaps from another container; 0 when it could not be started. */
  readonly pid: number;
  /** The last lines that it printed; empty for one that is not our child. */
  readonly output: readonly string[];
  ended(): boolean;
  exit(): { readonly code: number | null; readonly signal: NodeJS.Signals | null };
  /** @returns false when no signal was sent, because it is not certain which process the server is */
  signal(signal: NodeJS.Signals): boolean;
  /** Lets the server go on without us: it no longer keeps this process alive. */
  detach(): void;
}

/** Where a server keeps its files and how it is reached, on 127.0.0.1. */
interface ServerSettings {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  /** Whether it keeps an append-only file. */
  readonly persist: boolean;
}

/**
 * Starts a redis-server and hands it its settings on stdin: the process list shows arguments to every user of the machine.
 * @param lock held by the server from now on, until it ends
 */
export function spawnServer(binary: string, lock: FileLock, settings: ServerSettings): Server {
  // A process group of its own: Ctrl-C in a terminal must not end Redis before the worker has drained.
  const child = spawn(binary, ['-'], { detached: true, stdio: ['pipe', 'pipe', 'pipe', lock.fd] });
  const output: string[] = [];
  child.on('error', (error) => output.push(error.message));
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.push(...text.split('\n').filter((line) => line.trim() !== ''));
      output.splice(0, output.length - OUTPUT_LINES);
    });
  }
  child.stdin?.on('error', () => {}); // It ended before it read its settings; its exit tells.
  child.stdin?.end(configuration(settings));
  const ended = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    output,
    ended,
    exit: () => ({ code: child.exitCode, signal: child.signalCode }),
    // A child that has not been reaped keeps its id, so this one can't be another's.
    signal: (signal) => ended() || child.kill(signal),
    detach: () => {
      for (const stream of streams) stream.destroy();
      child.unref();
    },
  };
}

function configuration({ folder, port, password, persist }: ServerSettings): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    'save ""',
    `appendonly ${persist ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    // A feed that falls behind reads the log, so cutting off a stuck listener loses nothing (G2, G7).
    'client-output-buffer-limit pubsub 32mb 8mb 60',
    '',
  ].join('\n');
}

/**
 * A server that somebody else started, and that holds the folder's lock.
 * @param pid as the server reports it, perhaps from another container
 */
export function runningServer(pid: number, lockPath: string): Server {
  return {
    pid,
    output: [],
    ended: () => !isLocked(lockPath),
    exit: () => ({ code: null, signal: null }),
    signal: (signal) => {
      if (!holdsLock(pid, lockPath)) return false;
      try {
        return process.kill(pid, signal);
      } catch {
        return false; // Gone meanwhile, or another user's.
      }
    },
    detach: () => {},
  };
}

/** Whether the process with this id is the server: a number alone may be anybody's. False if there is no /proc. */
function holdsLock(pid: number, lockPath: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/${LOCK_FD}`) === realpathSync(lockPath);
  } catch {
    return false;
  }
}
