/** Builds the dashboard once for the whole run; takes no time if it is up to date. */
import { execFileSync } from 'node:child_process';

export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build-web.ts'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
