import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { BASE_PATH } from './base-path.ts';

/** Whether it is stored somewhere else, so that this page may not show it inline. */
export function isLink({ path }: Pick<ArtifactFieldsFragment, 'path'>): boolean {
  return path === '';
}

/**
 * The address from which the page fetches an artifact. One that this server serves itself is fetched from the page's own
 * origin, under whatever name the server was reached, as the content security policy also requires.
 */
export function artifactUrl({ url, path }: Pick<ArtifactFieldsFragment, 'url' | 'path'>): string {
  if (isLink({ path })) return url;
  const { pathname, search } = new URL(url, 'http://server');
  return pathname.endsWith(`/files/${path}`) ? `${BASE_PATH}/files/${path}${search}` : url;
}
