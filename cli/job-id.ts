/** Ids of jobs as people type them: whole, or an end or beginning that only one job of the project has. */
import type { Api } from './api.ts';
import { usageFailure } from './failure.ts';
import { JobIdsDocument } from './operations.ts';

/** An item's has its number behind it. */
const WHOLE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-\d{4})?$/;
const PART = /^[0-9a-f-]{1,40}$/;
/** Characters of a part at least: less fits too many jobs, and is more likely a slip. */
const MIN_PART = 4;
/** As many as are named where several fit. */
const NAMED = 5;

/**
 * The id that is meant. What can't be a part of one is given back as it is: the server says that there is no such job.
 * @throws Failure USAGE when several jobs fit, and for a part that is too short
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
 * The one of these ids that begins or ends so; undefined: none does.
 * @param what they are ids of, in one word
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

/** A terminal shows as much of an id as tells it from the others; a script is given what no later one can make ambiguous. */
export function shownId(ids: readonly string[], id: string): string {
  return process.stdout.isTTY ? shortIdAmong(ids, id) : id;
}

const SHORTEST = 6;

/** The end of an id that no other of these has, at least six characters of it. */
export function shortIdAmong(ids: readonly string[], id: string): string {
  for (let length = SHORTEST; length < id.length; length += 1) {
    const end = id.slice(-length);
    if (ids.filter((other) => other.endsWith(end)).length === 1) return end;
  }
  return id;
}
