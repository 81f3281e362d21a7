/**
 * Share links: the address of a job's page, with a token for only that job after `#share=`. Browsers do not send that part: no
 * request carries it, and no log has it. A page that was opened by such a link uses no other token, and stores this one
 * nowhere.
 */
import { jobPath, route } from './route.ts';

const PREFIX = '#share=';

/** The token of the link that opened this page; null: it was opened in another way. */
export const sharedToken: string | null = tokenIn(location.hash);

/** The linked job, according to the address; the server's answer is what counts. */
export function sharedJob(): { readonly projectId: string; readonly jobId: string } | null {
  const { projectId, jobId } = route.get();
  return sharedToken === null || jobId === null ? null : { projectId, jobId };
}

export function shareLink(projectId: string, jobId: string, token: string): string {
  return `${location.origin}${jobPath(projectId, jobId)}${PREFIX}${token}`;
}

/** Another share link in the same tab is another page, although the browser does not treat it as one. */
export function watchShareLinks(): void {
  addEventListener('hashchange', () => {
    if (tokenIn(location.hash) !== null) location.reload();
  });
}

function tokenIn(hash: string): string | null {
  const token = hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : '';
  return token === '' ? null : token;
}
