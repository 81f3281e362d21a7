/** What commands are about where nothing is said. */
import { readLogin } from './kept-login.ts';

/** The project that commands are about where none is named, as in the dashboard. */
export const DEFAULT_PROJECT = 'demo';
const LOCAL_URL = 'http://127.0.0.1:4000';

/** The server that commands speak to where none is named: that of `login`, otherwise this machine's. */
export function defaultUrl(): string {
  return readLogin()?.url ?? LOCAL_URL;
}
