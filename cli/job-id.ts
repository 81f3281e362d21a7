/** Ids of jobs as people type them: whole, or a beginning or end that only one job of the project has. */
import type { Api } from './api.ts';
import { usageFailure } from './failure.ts';
import { JobIdsDocument } from './operations.ts';

/** An item's id ends with its number. */
const WHOLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d{4})?$/;
const PART = /^[0-9a-f-]{1,40}$/;
/** The least length of a part: anything shorter matches too many jobs, and is more likely a typing error. */
const MIN_PART = 4;
/** How many ids are listed if several match. */
const NAMED = 5;

/**
 * Finds the id that is meant. Text that cannot be part of an id is returned unchanged, and the server will report that there is
 * no such job.
 * @throws Failure USAGE when several jobs match, and for a part that is too short
 */
export async function findJobId(api: Api, projectId: string, text: string): Promise<string> {
  const part = text.toLowerCase();
  if (WHOLE.test(part) || !PART.test(part)) return text;
  if (part.length < MIN_PART) {
    throw usageFailure(
      `${text}: expected the id of a job, or at least ${MIN_PART} characters from its beginning or end`,
      'Type more of its id.',
    );
  }
  const { jobs } = await api.request(JobIdsDocument, { projectId, search: part });
  return (
    theOneAmong(
      jobs.edges.map(({ node }) => node.id),
      part,
      'job',
    ) ?? text
  );
}

/**
 * The only one of these ids that begins or ends with the part; undefined: none does.
 * @param what the ids identify, in one word
 * @throws Failure USAGE when several do
 */
export function theOneAmong(ids: readonly string[], part: string, what: string): string | undefined {
  const fitting = ids.filter((id) => id.startsWith(part) || id.endsWith(part));
  if (fitting.length <= 1) return fitting[0];
  throw usageFailure(
    `${part}: expected the id of one ${what}, several fit: ${fitting.slice(0, NAMED).join(', ')}`,
    'Type more of its id.',
  );
}

/**
 * On a terminal, enough of an id to distinguish it from the others; for a script, the whole id, which no later one can make
 * ambiguous.
 */
export function shownId(ids: readonly string[], id: string): string {
  return process.stdout.isTTY ? shortIdAmong(ids, id) : id;
}

const SHORTEST = 6;

/** The shortest end of an id that no other of these has, at least six characters long. */
export function shortIdAmong(ids: readonly string[], id: string): string {
  for (let length = SHORTEST; length < id.length; length += 1) {
    const end = id.slice(-length);
    if (ids.filter((other) => other.endsWith(end)).length === 1) return end;
  }
  return id;
}
