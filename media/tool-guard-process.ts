/**
 * Kills the tools of a worker that has died or hangs; a separate process, since the worker itself cannot do so then. Started by
 * tool-guard.ts with the limit of silence in ms as its argument; reads lines from stdin:
 *
 *   +PID   a tool runs     -PID   it has ended     .   the worker is alive
 *
 * At the end of stdin, and after a silence longer than the limit, every running tool is killed.
 */
import { createInterface } from 'node:readline';

const silenceMs = Number(process.argv[2]);
const running = new Set<number>();
let heardAt = performance.now();

function killAll(): void {
  for (const pid of running) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  running.clear();
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    heardAt = performance.now();
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) running.add(pid);
    else if (line.startsWith('-')) running.delete(pid);
  })
  .on('close', () => {
    killAll();
    process.exit(0);
  });

setInterval(() => {
  if (performance.now() - heardAt > silenceMs) killAll();
}, 250);
