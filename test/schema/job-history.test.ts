import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/log/cursor.ts';
import { ask, logged, makeContext, makeState, queuedEvent } from './fixtures.ts';

const state = makeState({ status: 'RUNNING' });
const events = [3, 4, 9].map((seq) => logged(queuedEvent(state), seq));

async function askHistory(args: string, asked: unknown[] = []) {
  const context = makeContext({
    jobs: { ...makeContext().jobs, load: async () => state },
    historyOf: async (request) => {
      asked.push(request);
      return { events, hasMore: true };
    },
  });
  const fields =
    '{ edges { cursor node { ... on Event { id jobId job { id status } } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
  return ask(`{ job(projectId: "demo", id: "some-id") { history${args} ${fields} } }`, context);
}

test('Job.history is a page of events with their cursors', async () => {
  const asked: unknown[] = [];
  const ids = events.map(encodeCursor);
  const { data, errors } = await askHistory(`(first: 3, after: "${ids[0]}")`, asked);
  expect(errors).toEqual([]);
  const { epoch, hash, seq } = events[0] ?? { epoch: '', hash: '', seq: 0 };
  expect(asked).toEqual([{ projectId: 'demo', jobId: state.id, after: { epoch, hash, seq }, limit: 3 }]);
  expect(data).toEqual({
    job: {
      history: {
        edges: ids.map((id) => ({
          cursor: id,
          node: { id, jobId: state.id, job: { id: state.id, status: 'QUEUED' } },
        })),
        pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: ids[0], endCursor: ids[2] },
      },
    },
  });
});

test.each([
  ['(first: 0)', 'first'],
  ['(first: 101)', 'first'],
  ['(after: "nonsense")', 'after'],
])('Job.history%s is refused', async (args, field) => {
  const { errors } = await askHistory(args);
  expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field });
});
