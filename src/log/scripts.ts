/** The scripts that write events, one operation a file in scripts/, with the names of their keys and arguments. */
import { readFileSync } from 'node:fs';
import { Script } from '../redis/script.ts';

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
  'unfinishedMost',
  'fingerprint',
  'queueId',
  'items',
  'counts',
  'now',
] as const;

export type AppendKeys = Readonly<Record<(typeof APPEND_KEYS)[number], string>>;
export type AppendArgs = Readonly<Record<(typeof APPEND_ARGS)[number], string | number>>;

const appendLua = read('append');
const takeStartsLua = read('take-starts');

/** The snapshot's fields that change stand behind the arguments: name, value, name, value … */
export const APPEND = new Script({
  name: 'playheadAppend',
  keys: APPEND_KEYS,
  args: APPEND_ARGS,
  lua: appendLua,
});

/** The same with mode `create`, and what surrounds it. */
export const CREATE = new Script({
  name: 'playheadCreate',
  keys: [...APPEND_KEYS, 'unendedKey', 'usageKey', 'startsKey', 'waitingKey'],
  args: [...APPEND_ARGS, 'project', 'watchedAs', 'watchedSince', 'mostBytes', 'starts', 'highestStart'],
  lua: `${takeStartsLua}\nlocal function append()\n${appendLua}\nend\n${read('create')}`,
});

/** Takes places in the queue's order. @returns the first of them */
export const TAKE_STARTS = new Script({
  name: 'playheadTakeStarts',
  keys: ['startsKey', 'waitingKey'],
  args: ['project', 'starts', 'highestStart'],
  lua: `${takeStartsLua}\nreturn takeStarts(startsKey, waitingKey, project, tonumber(starts), tonumber(highestStart))`,
});

function read(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
}
