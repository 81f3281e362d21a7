/**
 * The record of a job: its state as a Redis hash, with one table for writers and readers. Pure.
 *
 * A field has a phase, which says what changes it:
 *   run      only the beginning of a run (creation, retry)
 *   attempt  what an attempt reports
 *   ending   the same, and an ending from outside (cancel, worker lost)
 * The fields of SCRIPT_FIELDS are append.lua's own, those of OTHER_FIELDS are not part of the state.
 */
import type { Json } from '../core/json.ts';
import {
  type Codec,
  ID,
  isMaybe,
  isObject,
  json,
  maybe,
  NUMBER,
  oneOf,
  TEXT,
  Unreadable,
} from './field-codecs.ts';
import { JOB_STATUSES, type JobState } from './state.ts';
import { type StepTables, stepsOf, WORKFLOW_NAME, type Workflow, workflowNames } from './steps.ts';

type Phase = 'run' | 'attempt' | 'ending';

/** All of a job's state except what the script writes about its last event, and its workflow's table. */
type Stored = Omit<JobState, 'last' | 'version' | 'table'>;
type Name = keyof Stored;

interface Field<T> extends Codec<T> {
  readonly phase: Phase;
  /** The text that a missing field stands for; a new record leaves such a field out. Undefined: the field must be there. */
  readonly absent?: string;
}

const FIELDS: { readonly [N in Name]: Field<Stored[N]> } = {
  id: { phase: 'run', ...ID },
  projectId: { phase: 'run', ...ID },
  workflow: { phase: 'run', ...TEXT },
  taskName: { phase: 'run', ...TEXT },
  status: { phase: 'ending', ...oneOf(JOB_STATUSES) },
  progress: { phase: 'attempt', ...NUMBER, absent: '0' },
  step: { phase: 'attempt', ...maybe(TEXT), absent: '' },
  steps: { phase: 'attempt', ...json<JobState['steps']>(areSteps, {}) },
  message: { phase: 'ending', ...maybe(TEXT), absent: '' },
  metadata: { phase: 'attempt', ...json<JobState['metadata']>(isMaybe(isObject), null) },
  attempt: { phase: 'attempt', ...NUMBER },
  maxAttempts: { phase: 'run', ...NUMBER },
  result: { phase: 'ending', ...json<Json>(() => true, null) },
  error: { phase: 'ending', ...json<JobState['error']>(isMaybe(isObject), null) },
  createdAt: { phase: 'run', ...NUMBER },
  startedAt: { phase: 'attempt', ...maybe(NUMBER), absent: '' },
  finishedAt: { phase: 'ending', ...maybe(NUMBER), absent: '' },
  queueId: { phase: 'run', ...TEXT },
  attemptBase: { phase: 'run', ...NUMBER, absent: '0' },
  parentId: { phase: 'run', ...maybe(TEXT), absent: '' },
  itemIndex: { phase: 'run', ...maybe(NUMBER), absent: '' },
  itemCount: { phase: 'run', ...NUMBER, absent: '0' },
  // Jobs of earlier versions have no ranges, size, eta or preview.
  ranges: { phase: 'run', ...json<JobState['ranges']>(isMaybe(Array.isArray), null), absent: 'null' },
  // Nor do they have a fingerprint of their steps.
  stepsFingerprint: { phase: 'attempt', ...maybe(TEXT), absent: '' },
  size: { phase: 'attempt', ...json<JobState['size']>(isObject, {}), absent: '{}' },
  eta: { phase: 'attempt', ...json<JobState['eta']>(isMaybe(isEta), null), absent: 'null' },
  preview: { phase: 'attempt', ...json<JobState['preview']>(isMaybe(isPreview), null), absent: 'null' },
  title: { phase: 'run', ...maybe(TEXT), absent: '' },
  tracked: { phase: 'attempt', ...json<JobState['tracked']>(isMaybe(isTracked), null), absent: 'null' },
};

const NAMES = Object.keys(FIELDS) as Name[];
const ATTEMPT_NAMES = NAMES.filter((name) => FIELDS[name].phase !== 'run');
const ENDING_NAMES = NAMES.filter((name) => FIELDS[name].phase === 'ending');

/** The position of the job's last event, and the event. Its hash is stored as `lastTag`, its first name. */
export const LAST_EVENT_FIELDS = ['lastEpoch', 'lastSeq', 'lastTag', 'lastEvent'] as const;

/** Only append.lua writes these, and only it reads them, apart from the last event, `version`, `firstSeq` and `earlier`. */
const SCRIPT_FIELDS = [
  'fence',
  'begun',
  'recent',
  'version',
  'firstSeq',
  'earlier',
  ...LAST_EVENT_FIELDS,
] as const;

/**
 * Kept beside the state: the mutation's input and its fingerprint, a batch's items to retry, the place in a trace; and the time
 * (ms, Redis' clock) until which a tracked job may be silent, written by tracked.lua and renew-lease.lua.
 */
const OTHER_FIELDS = ['input', 'fingerprint', 'retries', 'trace', 'leaseUntil'] as const;

/** The name of any field of a job's record. */
export type JobField = Name | (typeof SCRIPT_FIELDS)[number] | (typeof OTHER_FIELDS)[number];

/** The names of all fields that a job's record may have. */
export const JOB_FIELDS: readonly JobField[] = [...NAMES, ...SCRIPT_FIELDS, ...OTHER_FIELDS];

/** What `readRecord` needs, in its order; the input (up to 100 KB) is left out on purpose. */
export const STATE_FIELDS = [
  ...NAMES,
  'lastEpoch',
  'lastSeq',
  'lastTag',
  'version',
] as const satisfies JobField[];

/** Fields as HSET takes them: name, value, name, value … */
export type FieldTexts = readonly string[];

/** Writes all of a state when a run begins: whatever comes after that changes only what `writeAttempt` writes. */
export function writeRecord(state: JobState): FieldTexts {
  return write(state, NAMES);
}

/** Writes all of a state into a record that does not exist yet. */
export function writeNewRecord(state: JobState): FieldTexts {
  return write(state, NAMES, (name, text) => text === FIELDS[name].absent);
}

/**
 * Writes what an attempt changes.
 * @param known what the record holds already; fields that are the same are left out, since each adds to the cost of an append
 *   at both ends
 */
export function writeAttempt(state: JobState, known?: JobState): FieldTexts {
  const changed =
    known === undefined ? ATTEMPT_NAMES : ATTEMPT_NAMES.filter((name) => state[name] !== known[name]);
  return write(state, changed);
}

/**
 * Writes what an ending from outside sets. The rest stays as the attempt left it: it may have moved on since the state was read,
 * and must not go back (G5).
 */
export function writeEnding(
  ending: Pick<JobState, 'status' | 'message' | 'result' | 'error' | 'finishedAt'>,
): FieldTexts {
  return write(ending, ENDING_NAMES);
}

/** Writes only some fields. */
export function writeFields(fields: Partial<Stored>): FieldTexts {
  return write(fields, Object.keys(fields) as Name[]);
}

function write(
  state: Partial<Stored>,
  names: readonly Name[],
  isLeftOut?: (name: Name, text: string) => boolean,
): FieldTexts {
  const texts: string[] = [];
  for (const name of names) {
    // A name's own codec takes a name's own value, which TypeScript can't see through the table.
    const text = (FIELDS[name].write as (value: unknown) => string)(state[name]);
    if (isLeftOut?.(name, text) !== true) texts.push(name, text);
  }
  return texts;
}

/** The stored record of a job is not what `writeRecord` writes. */
export class RecordFault extends Error {
  override readonly name = 'RecordFault';
  /** The state as far as it can be read, which is enough to write the job's last event. Null: not even that can be read. */
  readonly salvaged: JobState | null;
  /** The workflow that the record names, if this process does not know it: another one may. */
  readonly unknownWorkflow: Workflow | null;
  constructor(reason: string, salvaged: JobState | null, unknownWorkflow: Workflow | null) {
    super(reason);
    this.salvaged = salvaged;
    this.unknownWorkflow = unknownWorkflow;
  }
}

/** The fields without which a job's last event can't be written. */
const NEEDED: readonly Name[] = ['id', 'projectId', 'workflow', 'status', 'attempt'];

/**
 * Reads the values of STATE_FIELDS.
 * @param tables the workflows that there may be
 * @returns null when there is no such job
 * @throws RecordFault
 */
export function readRecord(values: readonly (string | null)[], tables: StepTables): JobState | null {
  if (values.every((value) => value === null)) return null;
  const faults = new Map<string, string>();
  const keep = <T>(name: string, value: T | Unreadable, fallback: T): T => {
    if (!(value instanceof Unreadable)) return value;
    faults.set(name, value.expected);
    return fallback;
  };
  const entries = NAMES.map((name, at) => {
    const field: Field<unknown> = FIELDS[name];
    return [name, keep(name, field.read(values[at] || (field.absent ?? '')), field.fallback)] as const;
  });
  const [epoch = '', seq = '', hash = '', counted = ''] = values
    .slice(NAMES.length)
    .map((value) => value ?? '');
  const number = keep('lastSeq', maybe(NUMBER).read(seq), null);
  // Earlier versions did not count events.
  const version = keep('version', NUMBER.read(counted || '0'), 0);
  const last = number === null ? null : { epoch, seq: number, hash };
  // Each value was read by its own field's codec.
  const fields = { ...Object.fromEntries(entries), last, version } as unknown as Omit<JobState, 'table'>;
  const state: JobState = { ...fields, table: stepsOf(tables, fields.workflow) };
  const names = workflowNames(tables);
  const isKnown = names.includes(state.workflow);
  if (faults.size === 0 && isKnown) return state;
  const unknown = !isKnown && WORKFLOW_NAME.test(state.workflow) ? state.workflow : null;
  if (!isKnown && unknown === null) faults.set('workflow', 'the name of a workflow');
  const salvaged = NEEDED.some((name) => faults.has(name)) ? null : state;
  if (unknown !== null) faults.set('workflow', `one of ${names.join(', ')}, received ${unknown}`);
  const reason = [...faults].map(([name, expected]) => `${name}: expected ${expected}`).join('; ');
  throw new RecordFault(reason, salvaged, unknown);
}

function areSteps(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isObject);
}

function isEta(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { remainingSeconds, lowSeconds, highSeconds, finishesAt } = value;
  return [remainingSeconds, lowSeconds, highSeconds, finishesAt].every(Number.isFinite);
}

function isPreview(value: unknown): boolean {
  return isObject(value) && typeof value['path'] === 'string' && typeof value['contentType'] === 'string';
}

function isTracked(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { begunAt, lease, leaseSeconds, sequence } = value;
  return typeof lease === 'string' && [begunAt, leaseSeconds, sequence].every(Number.isFinite);
}

/** A job's record with what it said about earlier attempts when they ended. */
export interface JobRecord {
  readonly state: JobState;
  /** By the attempt's number, in order. The oldest may be missing (append.lua). */
  readonly earlier: ReadonlyMap<number, EarlierAttempt>;
}

export type EarlierAttempt = Pick<JobState, 'steps' | 'startedAt' | 'maxAttempts'>;

/** Reads the field `earlier`, as far as it can be read: only the display of old events depends on it. */
export function readEarlier(text: string | null): JobRecord['earlier'] {
  const found = json<Readonly<Record<string, EarlierAttempt>>>(isObject, {}).read(text ?? '{}');
  if (found instanceof Unreadable) return new Map();
  return new Map(Object.entries(found).map(([attempt, left]) => [Number(attempt), left]));
}
