/** Links of a result that is shown. */
import { useCallback, useEffect } from 'react';
import type { JobResult } from '../state/job-view.ts';
import { EARLY_MS, linkEnd } from '../state/links.ts';
import { useProject } from '../state/project-context.ts';

/**
 * Keeps them from running out while somebody looks, and renews them for who comes back.
 * @returns to be called with one that failed
 */
export function useFreshLinks(jobId: string, result: JobResult): (url: string) => void {
  const { links } = useProject();
  // They run out together.
  const url = result.artifacts[0]?.url;
  useEffect(() => {
    if (url === undefined || linkEnd(url) === null) return;
    const look = (): void => {
      if (document.visibilityState === 'visible' && links.isOver(url)) links.renew(jobId, url);
    };
    const timer = setInterval(look, EARLY_MS / 2);
    const moments = ['visibilitychange', 'focus', 'online'];
    for (const name of moments) addEventListener(name, look);
    return () => {
      clearInterval(timer);
      for (const name of moments) removeEventListener(name, look);
    };
  }, [jobId, url, links]);
  return useCallback((failed) => links.renew(jobId, failed), [links, jobId]);
}
