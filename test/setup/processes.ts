/** Facts about processes, for tests. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** How many characters of what a process printed last are kept for an error. */
const MOST_SAID = 10_000;

/**
 * The message with which a forked process says that it is ready.
 * @param child with a pipe as its stderr, which is passed on to this process's
 * @throws Error with what it printed last, if it ends before
 */
export async function readyMessage<T>(child: ChildProcess, name: string): Promise<T> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
    process.stderr.write(text);
  });
  return new Promise((resolve, reject) => {
    child.on('message', (message: T & { readonly ready?: boolean }) => {
      if (message.ready === true) resolve(message);
    });
    // After `exit`: then everything that it printed has been read.
    child.once('close', (code, signal) => {
      reject(new Error(`${name} ended with ${code ?? signal} before it was ready: ${said}`));
    });
  });
}

/** Whether the process with this id is alive. A dead process that has not been reaped is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // In a container whose first process does not reap children, an orphan stays a zombie forever.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command lines of processes that use a data folder: they were given it, or work in it. Linux only. */
export function processesOn(dataDir: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const isOn =
          environment.split('\0').includes(`PLAYHEAD_DATA_DIR=${dataDir}`) ||
          readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDir);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return isOn && command !== '' ? [`${pid} ${command}`] : [];
      } catch {
        return []; // Gone in the meantime, or another user's.
      }
    });
}
