/** The path below which the page's server is reached, such as `/playhead`; empty at the root. The server writes it into the page. */
export const BASE_PATH = baseIn(typeof document === 'undefined' ? null : document);

function baseIn(page: Document | null): string {
  const path = page?.querySelector<HTMLMetaElement>('meta[name="base-path"]')?.content ?? '';
  return path.replace(/\/$/, '');
}
