/** The result of a tracked job: data of its own, and links to what it made. */
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { Preview } from '../progress/events.ts';
import type { LinkRequest } from './tracked-input.ts';

/** The type of such a result in storage. */
export const TRACKED_RESULT = 'TrackedResult';
/** The type that clients see for such a result, and for any whose type a server does not know. */
export const DATA_RESULT = 'DataResult';

/** Something that a tracked job made and that lies somewhere else. A `type`, so that it counts as JSON. */
export type Link = {
  readonly name: string;
  readonly url: string;
  readonly contentType: string;
  /** Null: unknown. */
  readonly sizeBytes: number | null;
};

export function toTrackedResult(
  data: Json,
  artifacts: readonly LinkRequest[],
): JsonObject & { readonly type: string } {
  return { type: TRACKED_RESULT, data, links: artifacts.map(toLink) };
}

/** The preview that a report links to. */
export function toPreview(link: LinkRequest): Preview {
  return linkedFile(toLink(link));
}

/** What a link leads to, in place of a file of the store. */
export function linkedFile({ contentType, name, sizeBytes, url }: Link) {
  return { name, url, contentType, path: '', sizeBytes: sizeBytes ?? 0 };
}

function toLink({ contentType, name, sizeBytes, url }: LinkRequest): Link {
  return { name: name ?? nameOf(url), url, contentType, sizeBytes: sizeBytes ?? null };
}

interface StoredResult {
  readonly type: string;
  readonly data?: Json;
  readonly links?: Json;
}

/** The data and links of a stored result; null for a result of any other kind. */
export function readTrackedResult({ type, data = {}, links }: StoredResult) {
  if (type !== TRACKED_RESULT) return null;
  // Only toTrackedResult writes them.
  const known = Array.isArray(links) ? (links as readonly Json[]).filter(isJsonObject) : [];
  return { data: data ?? {}, links: known as readonly JsonObject[] as readonly Link[] };
}

/** A stored result as others see it: that of a tracked job has the names that clients know. */
export function toldResult(stored: Json): Json {
  const type = isJsonObject(stored) ? stored['type'] : undefined;
  const tracked = typeof type === 'string' ? readTrackedResult({ ...(stored as JsonObject), type }) : null;
  return tracked === null ? stored : { type: DATA_RESULT, data: tracked.data, artifacts: tracked.links };
}

/** The last part of an address's path, or its host. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  const name = pathname.split('/').at(-1) || host;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
