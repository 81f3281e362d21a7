/** The scripts of the event log, one operation per file in scripts/, with the names of their keys and arguments. */
import { luaBeside, Script } from '../redis/script.ts';

const APPEND_KEYS = [
  'metaKey',
  'logKey',
  'jobKey',
  'jobsKey',
  'activeKey',
  'latestKey',
  'idempotencyKey',
  'queuedKey',
  'runningKey',
  'retryingKey',
  'completedKey',
  'failedKey',
  'cancelledKey',
  'batchKey',
  'parentKey',
] as const;

const APPEND_ARGS = [
  'mode',
  'jobId',
  'attempt',
  'writeId',
  'event',
  'status',
  'publish',
  'channel',
  'logLength',
  'logSeconds',
  'idempotencySeconds',
  'notAfter',
  'itemIndex',
  'maxUnfinished',
  'fingerprint',
  'queueId',
  'items',
  'counts',
  'now',
] as const;

export type AppendKeys = Readonly<Record<(typeof APPEND_KEYS)[number], string>>;
export type AppendArgs = Readonly<Record<(typeof APPEND_ARGS)[number], string | number>>;

const read = luaBeside(import.meta.url);
const appendLua = read('append');
const takeStartsLua = read('take-starts');

/** The snapshot's fields that change follow the arguments: name, value, name, value … */
export const APPEND = new Script({
  name: 'playheadAppend',
  keys: APPEND_KEYS,
  args: APPEND_ARGS,
  lua: appendLua,
});

/** The same with mode `create`, and the rest of a job's creation. */
export const CREATE = new Script({
  name: 'playheadCreate',
  keys: [...APPEND_KEYS, 'unendedKey', 'usageKey', 'startsKey', 'waitingKey', 'parkedKey'],
  args: [...APPEND_ARGS, 'project', 'watchedAs', 'watchedSince', 'maxFileBytes', 'starts', 'highestStart'],
  lua: `${takeStartsLua}\nlocal function append()\n${appendLua}\nend\n${read('create')}`,
});

/** The same for tracked jobs, with any mode. */
export const APPEND_TRACKED = new Script({
  name: 'playheadAppendTracked',
  keys: [...APPEND_KEYS, 'externalKey'],
  args: [...APPEND_ARGS, 'knownVersion', 'knownHash', 'waitMs', 'lapsed', 'externalSeconds', 'callKey'],
  lua: `local function append()\n${appendLua}\nend\n${read('tracked')}`,
});

/** Renews the lease of a tracked job. @returns the hash of its last event; null when the lease is not held */
export const RENEW_LEASE = new Script({
  name: 'playheadRenewLease',
  keys: ['jobKey'],
  args: ['lease', 'waitMs'],
  lua: read('renew-lease'),
});

/** Takes places in the queue's order. @returns the first of them */
export const TAKE_STARTS = new Script({
  name: 'playheadTakeStarts',
  keys: ['startsKey', 'waitingKey', 'parkedKey'],
  args: ['project', 'starts', 'highestStart'],
  lua: `${takeStartsLua}\nreturn takeStarts(startsKey, waitingKey, parkedKey, project, tonumber(starts), tonumber(highestStart))`,
});

/** Reads a page of a project's unended jobs with their latest events. */
export const LATEST_PAGE = new Script({
  name: 'playheadLatestPage',
  keys: ['latestKey', 'activeKey'],
  args: ['from', 'length', 'prefix'],
  lua: read('latest-page'),
});

/** Finds which of some jobs, whose keys follow the named ones, contain a text. @returns 1 or 0 for each */
export const MATCH_JOBS = new Script({
  name: 'playheadMatchJobs',
  keys: ['jobsKey'],
  args: ['needle', 'needleInJson', 'withInput'],
  lua: read('match-jobs'),
});

/** Reads events of one job out of a stretch of the project's log. */
export const JOB_EVENTS = new Script({
  name: 'playheadJobEvents',
  keys: ['logKey'],
  args: ['jobId', 'from', 'upTo', 'length', 'limit'],
  lua: read('job-events'),
});

/** Adds lines of a job's steps, as JSON after the named arguments. @returns 1 when the job exists */
export const KEEP_LINES = new Script({
  name: 'playheadKeepLines',
  keys: ['jobKey', 'linesKey'],
  args: ['most'],
  lua: read('keep-lines'),
});

/** Removes everything that is kept of an ended job. @returns 1 when it was removed */
export const REMOVE_JOB = new Script({
  name: 'playheadRemoveJob',
  keys: [
    'jobKey',
    'outputsKey',
    'linesKey',
    'batchKey',
    'jobsKey',
    'indexKey',
    'activeKey',
    'latestKey',
    'parentKey',
  ],
  args: ['jobId', 'status', 'attempt', 'finishedAt'],
  lua: read('remove-job'),
});

/**
 * Takes a lost job out of every list. Keys of sorted sets of ids follow the named ones.
 * @returns how many lists had the job; -1: it was left alone
 */
export const PURGE_JOB = new Script({
  name: 'playheadPurgeJob',
  keys: ['jobKey', 'outputsKey', 'linesKey', 'batchKey', 'activeKey'],
  args: ['jobId', 'when'],
  lua: read('purge-job'),
});

/** Counts a batch's items anew. The keys of the items' jobs follow the named keys; the statuses follow the named arguments. */
export const RECOUNT_ITEMS = new Script({
  name: 'playheadRecountItems',
  keys: ['batchKey'],
  args: ['when', 'done'],
  lua: read('recount-items'),
});
