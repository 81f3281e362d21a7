/** What tests ask about processes. */
import { readFileSync } from 'node:fs';

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
