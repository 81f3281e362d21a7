/** Facts about processes, for tests. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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
