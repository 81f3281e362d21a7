/** Opens the store that the settings choose. */
import { join } from 'node:path';
import { loadOptional, OBJECT_STORAGE } from '../core/own-package.ts';
import { FolderStore } from './folder-store.ts';
import type { S3Settings } from './s3-store.ts';
import type { FileStore } from './store.ts';

/** The folder under the data folder, or object storage. */
export type StoreSettings = { readonly kind: 'folder' } | ({ readonly kind: 's3' } & S3Settings);

/**
 * @param dataDir absolute path of the data folder; the folder store is `artifacts/` in it
 * @throws PlayheadError TOOL_MISSING when object storage is chosen and its packages are not installed
 */
export async function openStore(settings: StoreSettings, dataDir: string): Promise<FileStore> {
  if (settings.kind === 'folder') return new FolderStore(join(dataDir, 'artifacts'));
  // The SDK takes 65 ms and 30 MB, which only users of object storage should pay.
  const { S3Store } = await loadOptional(OBJECT_STORAGE, () => import('./s3-store.ts'));
  return new S3Store(settings);
}
