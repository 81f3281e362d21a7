/**
 * Share links: the address of a job's page with a token of that job alone behind `#share=`. Browsers keep that part to
 * themselves: no request carries it, and no log has it. A page that was opened by such a link knows no other token, and keeps
 * this one nowhere.
 */
import { jobPath, route } from './route.ts';

const PREFIX = '#share=';

/** The token of the link that this page was opened with; null: it was opened in another way. */
export const sharedToken: string | null = tokenIn(location.hash);

/** The job that the link is to, as its address says; the server's word counts. */
export function sharedJob(): { readonly projectId: string; readonly jobId: string } | null {
  const { projectId, jobId } = route.get();
  return sharedToken === null || jobId === null ? null : { projectId, jobId };
}

export function shareLink(projectId: string, jobId: string, token: string): string {
  return `${location.origin}${jobPath(projectId, jobId)}${PREFIX}${token}`;
}

/** Another link in the same tab is another page, though to the browser it is not. */
export function watchShareLinks(): void {
  addEventListener('hashchange', () => {
    if (tokenIn(location.hash) !== null) location.reload();
  });
}

function tokenIn(hash: string): string | null {
  const token = hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : '';
  return token === '' ? null : token;
}
