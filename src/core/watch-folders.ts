/** Watches the folders of a project. */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** More than any project written by hand has; the rest is not watched. */
const MAX_FOLDERS = 2_000;

/**
 * Calls back for every file that changes below a folder; node_modules, and anything whose name begins with a dot, are left out.
 * fs.watch with `recursive` won't do: on Linux it watches every file of node_modules.
 * @returns a function that stops it
 */
export function watchFolders(root: string, onChange: (path: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const add = (folder: string): void => {
    if (watchers.has(folder) || watchers.size >= MAX_FOLDERS) return;
    const watcher = watch(folder, (_, name) => {
      if (name === null || !isWatched(name)) return;
      const path = join(folder, name);
      if (isFolder(path)) add(path);
      else onChange(path);
    });
    watchers.set(folder, watcher);
    watcher.on('error', () => drop(folder));
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && isWatched(entry.name)) add(join(folder, entry.name));
    }
  };
  const drop = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  add(root);
  return () => {
    for (const folder of [...watchers.keys()]) drop(folder);
  };
}

function isWatched(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules';
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
