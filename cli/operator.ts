/**
 * What is the operator's runs beside the server, as a program of its own, and not over the public API: `keys …` and
 * `calibrate …`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS: Readonly<Record<string, string>> = {
  keys: '../src/operator/keys.ts',
  calibrate: '../src/operator/calibrate.ts',
};

/** Runs it on this terminal. @returns its exit code; null when the command is not one of them */
export async function runOperatorProgram([command = '', ...argv]: readonly string[]): Promise<number | null> {
  const file = Object.hasOwn(PROGRAMS, command) ? PROGRAMS[command] : undefined;
  if (file === undefined) return null;
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [program, ...argv], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
