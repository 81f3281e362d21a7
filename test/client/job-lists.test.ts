import { expect, test } from 'vitest';
import { type JobListArguments, placeJob } from '../../client/cache/job-lists.ts';

const id = (time: number): string => `0198c0de-000${time}-7000-8000-000000000000`;
const ids = [id(5), id(3), id(1)];
const item = `${id(7)}-0003`;

test.each<[string, string, JobListArguments, boolean, unknown]>([
  ['a new job goes first', id(7), {}, true, { insertAt: 0 }],
  ['a job between others goes between them', id(4), {}, true, { insertAt: 1 }],
  ['the oldest goes last where no page follows', id(0), {}, false, { insertAt: 3 }],
  ['the oldest belongs to a later page', id(0), {}, true, null],
  ['a later page gets no new job', id(7), { after: 'cursor' }, true, null],
  ['a job that is listed stays', id(3), {}, true, null],
  ['a listed job that fits no longer leaves', id(3), { status: ['QUEUED'] }, true, { removeAt: 1 }],
  ['a list of other jobs gets none', id(7), { status: ['QUEUED', 'FAILED'] }, true, null],
  ['a list of such jobs gets it', id(7), { status: ['RUNNING'] }, true, { insertAt: 0 }],
  ['a batch may be listed for its failed items', id(3), { status: ['FAILED'] }, true, null],
  ['an empty filter filters nothing', id(7), { status: [], workflow: null }, true, { insertAt: 0 }],
  ['another workflow’s list gets none', id(7), { workflow: ['WRITER'] }, true, null],
  [
    'what is searched for, only the server can say',
    id(7),
    { search: 'bees' } as JobListArguments,
    true,
    null,
  ],
  ['another project’s list gets none', id(7), { projectId: 'other' }, true, null],
  ['an item is not listed', item, {}, true, null],
  ['an item is listed where items are', item, { items: true }, true, { insertAt: 0 }],
])('%s', (_name, jobId, asked, hasMore, placing) => {
  const job = { id: jobId, projectId: 'demo', status: 'RUNNING', workflow: 'LIPSYNC' };
  expect(placeJob(ids, job, { projectId: 'demo', ...asked }, hasMore)).toEqual(placing);
});
