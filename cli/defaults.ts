/** The defaults of commands. */
import { readLogin } from './kept-login.ts';

/** The project of commands that name none, as in the dashboard. */
export const DEFAULT_PROJECT = 'demo';
const LOCAL_URL = 'http://127.0.0.1:4000';

/** The server of commands that name none: that of `login`, otherwise this machine's. */
export function defaultUrl(): string {
  return readLogin()?.url ?? LOCAL_URL;
}
