/**
 * The operator's programs, which run where the server runs and do not use the public API: the server's own processes, and those
 * run by hand beside them.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface OperatorProgram {
  readonly module: URL;
  /** Flags for Node. */
  readonly flags?: readonly string[];
  /** Runs until it is stopped. */
  readonly isProcess?: true;
  /** Its commands, with their options, for a shell's completion. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
}

/** The same as in src/start.ts. */
const SERVER_FLAGS = ['--max-semi-space-size=4'];

const PROGRAMS: Readonly<Record<string, OperatorProgram>> = {
  init: { module: new URL('../src/operator/init.ts', import.meta.url) },
  dev: { module: new URL('../src/dev.ts', import.meta.url), isProcess: true },
  start: { module: new URL('../src/start.ts', import.meta.url), isProcess: true },
  server: { module: new URL('../src/server.ts', import.meta.url), flags: SERVER_FLAGS, isProcess: true },
  worker: { module: new URL('../src/worker.ts', import.meta.url), flags: SERVER_FLAGS, isProcess: true },
  keys: {
    module: new URL('../src/operator/keys.ts', import.meta.url),
    commands: {
      create: ['--project', '--all-projects', '--scope', '--days', '--name', '--json'],
      list: ['--json'],
      revoke: [],
      'revoke-token': [],
    },
  },
  'print-schema': { module: new URL('../src/operator/print-schema.ts', import.meta.url) },
  calibrate: { module: new URL('../src/operator/calibrate.ts', import.meta.url) },
};

/** The commands that are separate programs: each with its own commands, and their options. */
export const OPERATOR_COMMANDS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> =
  Object.fromEntries(Object.entries(PROGRAMS).map(([name, { commands = {} }]) => [name, commands]));

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Runs such a program on this terminal. @returns its exit code; null when the command is none of them */
export async function runOperatorProgram([command = '', ...argv]: readonly string[]): Promise<number | null> {
  const program = Object.hasOwn(PROGRAMS, command) ? PROGRAMS[command] : undefined;
  if (program === undefined) return null;
  const { flags = [], isProcess, module } = program;
  const child = spawn(process.execPath, [...flags, fileURLToPath(module), ...argv], {
    // Through the channel it knows that this process is alive, and reports when it is ready.
    stdio: isProcess ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
  });
  // The child shuts down gracefully, and this process ends after it.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('message', (message) => process.send?.(message));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
