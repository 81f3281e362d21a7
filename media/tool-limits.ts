/** What one run of a program may use. The kernel holds it, by prlimit (util-linux), which becomes the program itself. */
import { accessSync, constants } from 'node:fs';

export interface ToolLimits {
  /** Bytes of memory of its own (RLIMIT_DATA); over it the program fails to allocate. */
  readonly memoryBytes: number;
  /** Bytes of one file that it writes (RLIMIT_FSIZE); over it the program is ended by SIGXFSZ. */
  readonly fileBytes: number;
}

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'];
let found: string | null | undefined;

/** The command that runs a program within limits. Where there is no prlimit (not Linux), the program itself. */
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
