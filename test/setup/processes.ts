/** What tests ask about processes. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Whether a process with this id lives. A dead one that nobody has reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    // In a container whose first process reaps nobody, an orphan stays a zombie for ever.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** What runs on a data folder: command lines of processes that were given it, or work in it. Linux only. */
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
        return []; // Gone meanwhile, or another user's.
      }
    });
}
