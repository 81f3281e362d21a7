/** The result of a job of any workflow: its data by name, and its files. Pure. */
import type { Artifact, JobResult } from './operations.ts';
import { plain } from './text.ts';

export type Data = Readonly<Record<string, unknown>>;

/** How the items of a batch ended. */
export interface BatchCounts {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** A result's fields that are not files. */
export function dataOf({ data }: Pick<JobResult, 'data'>): Data {
  // A tracked job's data may be any JSON.
  if (typeof data !== 'object' || Array.isArray(data)) return { result: data };
  return (data ?? {}) as Data;
}

/** The counts of a batch's result; null for any other. */
export function batchCountsOf(result: JobResult | null): BatchCounts | null {
  if (result?.__typename !== 'BatchResult') return null;
  const { cancelled, failed, succeeded, total } = dataOf(result);
  return {
    total: Number(total),
    succeeded: Number(succeeded),
    failed: Number(failed),
    cancelled: Number(cancelled),
  };
}

/** A file's label: `video` for `video.mp4`. */
export function labelOf({ name }: Artifact): string {
  return plain(name.replace(/(?<=[^/])\.[^./]*$/, ''));
}

/** A result as one object: its type, its fields, its files by name without extension, and all files as a list. */
export function toPlainObject(result: JobResult): Data {
  const { __typename, artifacts } = result;
  const files = Object.fromEntries(artifacts.map((file) => [labelOf(file), file]));
  return { __typename, ...files, ...dataOf(result), artifacts };
}
