/** Keeps the links of a displayed result fresh. */
import { useCallback, useEffect } from 'react';
import type { JobResult } from '../state/job-view.ts';
import { EARLY_MS, linkEnd } from '../state/links.ts';
import { useProject } from '../state/project-context.ts';

/**
 * Keeps the links from expiring while somebody looks, and renews them when somebody comes back.
 * @returns a function to call with a link that failed
 */
export function useFreshLinks(jobId: string, result: JobResult): (url: string) => void {
  const { links } = useProject();
  // All links expire together.
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
