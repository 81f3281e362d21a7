/** Where the packages for test/package are installed: once for all of its files, by whichever comes first. */
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    installedFolder: string;
  }
}

export default function setup({ provide }: TestProject): () => Promise<void> {
  const folder = join(tmpdir(), `playhead-installed-${process.pid}`);
  provide('installedFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
