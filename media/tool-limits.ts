/**
 * What one run of a program may consume. The kernel enforces it, through prlimit (util-linux), which then execs the program.
 */
import { accessSync, constants } from 'node:fs';

export interface ToolLimits {
  /** Bytes of private memory (RLIMIT_DATA); beyond it, the program's allocations fail. */
  readonly memoryBytes: number;
  /** Bytes of any one file that it writes (RLIMIT_FSIZE); beyond it, SIGXFSZ ends the program. */
  readonly fileBytes: number;
}

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'];
let found: string | null | undefined;

/** The command that runs a program within limits; without prlimit (not on Linux), the program itself. */
export function limitCommand(
  path: string,
  args: readonly string[],
  limits: ToolLimits | undefined,
): { readonly path: string; readonly args: readonly string[] } {
  const prlimit = limits === undefined ? null : findPrlimit();
  if (prlimit === null || limits === undefined) return { path, args };
  const { memoryBytes, fileBytes } = limits;
  return {
    path: prlimit,
    args: [`--data=${memoryBytes}`, `--fsize=${fileBytes}`, '--core=0', '--', path, ...args],
  };
}

function findPrlimit(): string | null {
  found ??= PRLIMIT.find(isExecutable) ?? null;
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return process.platform === 'linux';
  } catch {
    return false;
  }
}
