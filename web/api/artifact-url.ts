import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { BASE_PATH } from './base-path.ts';

/**
 * Where the page fetches an artifact. One that this server serves itself comes from the page's own origin, whatever name
 * the server was reached by, which the content security policy also asks for.
 */
export function artifactUrl({ url, path }: Pick<ArtifactFieldsFragment, 'url' | 'path'>): string {
  const { pathname, search } = new URL(url, 'http://server');
  return pathname.endsWith(`/files/${path}`) ? `${BASE_PATH}/files/${path}${search}` : url;
}
