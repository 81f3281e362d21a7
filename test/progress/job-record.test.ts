/** The record of a job in Redis: one table for everybody who reads and writes it. */
import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  JOB_FIELDS,
  RecordFault,
  readEarlier,
  readRecord,
  STATE_FIELDS,
  writeAttempt,
  writeEnding,
  writeNewRecord,
  writeRecord,
} from '../../src/progress/job-record.ts';
import { type JobState, newJob } from '../../src/progress/state.ts';
import { makeState } from '../schema/fixtures.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const queued = makeState({ id: 'job', projectId: 'project', createdAt: 1_000 });

function toFields(texts: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < texts.length; at += 2) fields.set(texts[at] ?? '', texts[at + 1] ?? '');
  return fields;
}

function read(fields: ReadonlyMap<string, string>): JobState | null {
  return readRecord(
    STATE_FIELDS.map((name) => fields.get(name) ?? null),
    WORKFLOWS,
  );
}

test('a new record leaves out what a reader adds, and reads as the state that was written', () => {
  const changes = fc.record(
    {
      itemIndex: fc.option(fc.nat()),
      itemCount: fc.nat({ max: 2 }),
      parentId: fc.option(fc.uuid()),
      attemptBase: fc.nat({ max: 2 }),
      size: fc.constantFrom({}, { clips: 2 }),
      message: fc.option(fc.string({ minLength: 1 })),
      title: fc.option(fc.string({ minLength: 1 })),
      ranges: fc.constantFrom(null, [{ name: 'start', from: 0, to: 1 }]),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(changes, (some) => {
      const state = { ...newJob(queued), ...some } as JobState;
      const fields = toFields(writeNewRecord(state));
      expect(read(fields)).toEqual(state);
      const all = toFields(writeRecord(state));
      for (const [name, text] of fields) expect(all.get(name)).toBe(text);
    }),
  );
  expect(toFields(writeNewRecord(newJob(queued))).size).toBeLessThan(toFields(writeRecord(queued)).size - 8);
});

test('an ending from outside leaves alone what an attempt has reported (G5)', () => {
  const texts = writeEnding({ ...queued, status: 'CANCELLED', message: 'stopped', finishedAt: 5 });
  expect([...toFields(texts).keys()].sort()).toEqual(['error', 'finishedAt', 'message', 'result', 'status']);
});

test.each([
  ['attempt', 'twice', 'a number', null],
  ['id', '', 'an id', null],
  ['status', 'LOST', 'one of QUEUED, RUNNING, RETRYING, COMPLETED, FAILED, CANCELLED', null],
  ['createdAt', '', 'a number', { createdAt: Number.NaN }],
  ['steps', '{', 'JSON', { steps: {} }],
  ['steps', '{"start":1}', 'JSON of its shape', { steps: {} }],
  ['steps', 'null', 'JSON of its shape', { steps: {} }],
  ['size', 'null', 'JSON of its shape', { size: {} }],
  ['startedAt', 'soon', 'a number', { startedAt: null }],
  ['metadata', '[]', 'JSON of its shape', { metadata: null }],
  ['ranges', '{}', 'JSON of its shape', { ranges: null }],
  ['eta', '5', 'JSON of its shape', { eta: null }],
  ['eta', '{"remainingSeconds":1,"lowSeconds":1,"highSeconds":2}', 'JSON of its shape', { eta: null }],
  ['preview', '{"path":"a.png"}', 'JSON of its shape', { preview: null }],
  ['preview', '{"contentType":"image/png"}', 'JSON of its shape', { preview: null }],
  ['tracked', '"lease"', 'JSON of its shape', { tracked: null }],
  ['tracked', '{"lease":"a","begunAt":1,"leaseSeconds":60}', 'JSON of its shape', { tracked: null }],
  ['tracked', '{"begunAt":1,"leaseSeconds":60,"sequence":0}', 'JSON of its shape', { tracked: null }],
  ['lastSeq', 'first', 'a number', { last: null }],
  ['version', 'newest', 'a number', { version: 0 }],
  ['workflow', 'no workflow', 'the name of a workflow', null],
] as const)(
  'a field %s that says “%s” is named with what was expected, and the rest is kept',
  (name, text, expected, kept) => {
    const fields = toFields(writeRecord(queued)).set(name, text);
    let fault: unknown;
    try {
      read(fields);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(RecordFault);
    expect(fault).toMatchObject({ name: 'RecordFault', message: `${name}: expected ${expected}` });
    const { salvaged } = fault as RecordFault;
    // Without what an event is made of, nothing of the rest is of use.
    if (kept === null) expect(salvaged).toBeNull();
    else expect(salvaged).toEqual({ ...queued, ...kept });
  },
);

test('every field that can’t be read is named', () => {
  const fields = toFields(writeRecord(queued)).set('steps', '{').set('startedAt', 'soon');
  expect(() => read(fields)).toThrow(/^steps: expected JSON; startedAt: expected a number$/);
});

test('the last event’s position and the count of events are read as the script writes them', () => {
  const fields = toFields(writeRecord(queued));
  expect(read(fields)).toMatchObject({ last: null, version: 0 });
  fields.set('lastEpoch', 'e').set('lastSeq', '7').set('lastTag', 'h').set('version', '3');
  expect(read(fields)).toMatchObject({ last: { epoch: 'e', seq: 7, hash: 'h' }, version: 3 });
});

test('an attempt writes only what is not in the record already', () => {
  const known = { ...queued, message: 'before' };
  const texts = writeAttempt({ ...known, message: 'after', progress: 0.5, maxAttempts: 9 }, known);
  expect(Object.fromEntries(toFields(texts))).toEqual({ message: 'after', progress: '0.5' });
});

test('earlier attempts are read by their number, as far as they can be', () => {
  const first = { steps: {}, startedAt: 5, maxAttempts: 3 };
  expect([...readEarlier(JSON.stringify({ 1: first }))]).toEqual([[1, first]]);
  for (const text of [null, '{', '[]', 'null']) expect(readEarlier(text).size).toBe(0);
});

test('the workflow of a version that is not this one is named with those that are known, and the rest is kept', () => {
  const fields = toFields(writeRecord(queued)).set('workflow', 'NEXT_YEAR');
  let fault: unknown;
  try {
    read(fields);
  } catch (error) {
    fault = error;
  }
  expect(fault).toMatchObject({
    message: `workflow: expected one of ${[...WORKFLOWS.keys(), 'TRACKED'].join(', ')}, received NEXT_YEAR`,
    unknownWorkflow: 'NEXT_YEAR',
    salvaged: { ...queued, workflow: 'NEXT_YEAR', table: [] },
  });
});

test('scripts name no field that the table lacks', async () => {
  const folder = new URL('../../src/log/scripts/', import.meta.url);
  const names = new Set<string>();
  for (const file of await readdir(folder)) {
    const lua = await readFile(new URL(file, folder), 'utf8');
    const calls = lua.matchAll(
      /'H(?:GET|MGET|SET)', (?:jobKey|parentKey|otherKey|prefix \.\. [^,]+|KEYS\[MORE_KEYS[^\]]*\]),([^()]*)/g,
    );
    for (const [, rest = ''] of calls) for (const [, name = ''] of rest.matchAll(/'(\w+)'/g)) names.add(name);
    for (const [, name = ''] of lua.matchAll(/filled(?:\[\d\], filled\[\d\])? = (?:\{ )?'(\w+)'/g))
      names.add(name);
  }
  expect([...names]).toEqual(
    expect.arrayContaining(['status', 'fence', 'lastTag', 'fingerprint', 'metadata']),
  );
  expect([...names].filter((name) => !(JOB_FIELDS as readonly string[]).includes(name))).toEqual([]);
});
