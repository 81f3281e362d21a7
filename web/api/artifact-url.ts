import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { BASE_PATH } from './base-path.ts';

/** Whether it lies somewhere else, so that this page may not show it in place. */
export function isLink({ path }: Pick<ArtifactFieldsFragment, 'path'>): boolean {
  return path === '';
}

/**
 * Where the page fetches an artifact. One that this server serves itself comes from the page's own origin, whatever name
 * the server was reached by, which the content security policy also asks for.
 */
export function artifactUrl({ url, path }: Pick<ArtifactFieldsFragment, 'url' | 'path'>): string {
  if (isLink({ path })) return url;
  const { pathname, search } = new URL(url, 'http://server');
  return pathname.endsWith(`/files/${path}`) ? `${BASE_PATH}/files/${path}${search}` : url;
}
