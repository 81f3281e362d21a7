import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether Node was started with this module. `import.meta.main` says so too, but only from Node 24.2 on. */
export function isMain({ url }: Pick<ImportMeta, 'url'>): boolean {
  try {
    return realpathSync(process.argv[1] ?? '') === fileURLToPath(url);
  } catch {
    return false;
  }
}
