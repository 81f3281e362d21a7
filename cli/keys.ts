/** `keys …` is the operator's: it runs beside the server, as a program of its own, and not over the public API. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs it on this terminal. @returns its exit code */
export async function runKeysProgram(argv: readonly string[]): Promise<number> {
  const program = fileURLToPath(new URL('../src/keys.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...argv], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
