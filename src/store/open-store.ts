/** Opens the store that the settings choose. */
import { join } from 'node:path';
import { FolderStore } from './folder-store.ts';
import type { S3Settings } from './s3-store.ts';
import type { FileStore } from './store.ts';

/** The folder under the data folder, or object storage. */
export type StoreSettings = { readonly kind: 'folder' } | ({ readonly kind: 's3' } & S3Settings);

/** @param dataDir absolute path of the data folder; the folder store is `artifacts/` in it */
export async function openStore(settings: StoreSettings, dataDir: string): Promise<FileStore> {
  if (settings.kind === 'folder') return new FolderStore(join(dataDir, 'artifacts'));
  // The SDK takes 65 ms and 30 MB, which nobody pays who has no object storage.
  const { S3Store } = await import('./s3-store.ts');
  return new S3Store(settings);
}
