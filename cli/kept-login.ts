/** The server and token that `login` keeps for this user, in a file that nobody else may read. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface KeptLogin {
  readonly url: string;
  readonly token: string;
}

function filePath(): string {
  const base = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(base, 'playhead', 'login.json');
}

/** Null: there is none, or it cannot be read. */
export function readLogin(): KeptLogin | null {
  try {
    const { url, token } = JSON.parse(readFileSync(filePath(), 'utf8')) as Partial<KeptLogin>;
    return typeof url === 'string' && typeof token === 'string' ? { url, token } : null;
  } catch {
    return null;
  }
}

/** @returns the path of the file */
export function keepLogin(login: KeptLogin): string {
  const path = filePath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(login)}\n`, { mode: 0o600 });
  // Otherwise an existing file would keep its mode.
  chmodSync(path, 0o600);
  return path;
}

export function forgetLogin(): void {
  rmSync(filePath(), { force: true });
}
