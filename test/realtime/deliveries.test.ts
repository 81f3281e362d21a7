/** What a client gets does not depend on which delivery brings it: the plain one, or the one that shares. */
import { expect, test } from 'vitest';
import { plainDelivery } from '../../src/realtime/delivery.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { startEndpoint, WATCH, WATCH_ALONE } from './endpoint.ts';

const DELIVERIES = { plain: { delivery: plainDelivery }, shared: {} };

/** The texts of one client, with what differs from run to run left out. */
async function textsBy(options: (typeof DELIVERIES)[keyof typeof DELIVERIES]): Promise<readonly string[]> {
  const endpoint = await startEndpoint(options);
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const { id: jobId } = writer.state;
  const client = await endpoint.connect();
  client.subscribe('all', { projectId });
  await client.events('all', 1);
  client.subscribe('job', { projectId, jobId });
  await client.events('job', 1);
  for (const step of range(1, 3)) {
    await writer.progress(step / 10);
    await client.events('all', 1 + step);
    await client.events('job', 1 + step);
  }
  client.subscribe('wrong', { projectId: '/' });
  await client.until(({ id, type }) => id === 'wrong' && type === 'error');
  await writer.complete();
  await client.until(({ id, type }) => id === 'job' && type === 'complete');
  await client.events('all', 5);
  expect(client.closed).toBeNull();
  return client.texts
    .filter((text) => text.includes('"id":'))
    .map((text) =>
      text
        .replaceAll(projectId, 'PROJECT')
        .replaceAll(jobId, 'JOB')
        .replaceAll(/"(?:id|timestamp|finishesAt)":"?[^",}]{9,}"?/g, ''),
    )
    .sort();
}

test('subscribers get the same messages, byte for byte, by the plain delivery and by the shared one', async () => {
  const plain = await textsBy(DELIVERIES.plain);
  expect(plain.length).toBeGreaterThan(10);
  expect(await textsBy(DELIVERIES.shared)).toEqual(plain);
});

test.each([
  ['shares', WATCH],
  ['does not share', WATCH_ALONE],
])(
  'a subscription of a document that is what a delivery %s ends with one error message when it cannot begin',
  async (_what, query) => {
    const messagesBy = async (options: (typeof DELIVERIES)[keyof typeof DELIVERIES]) => {
      const endpoint = await startEndpoint(options);
      const client = await endpoint.connect();
      client.subscribe('job', { projectId: 'project', jobId: 'none' }, query);
      client.subscribe('cursor', { projectId: 'project', after: 'nonsense' }, query);
      client.subscribe('two faults', { projectId: {}, snapshot: 'perhaps' }, query);
      for (const id of ['job', 'cursor', 'two faults']) {
        await client.until((message) => message.id === id && message.type === 'error');
      }
      // Whatever came behind the errors is here before the answer.
      client.subscribe('last', {}, '{ __typename }');
      await client.until(({ id, type }) => id === 'last' && type === 'complete');
      return ['job', 'cursor', 'two faults'].map((id) => client.of(id));
    };
    const plain = await messagesBy(DELIVERIES.plain);
    expect(plain.map((messages) => messages.map(({ type }) => type))).toEqual([
      ['error'],
      ['error'],
      ['error'],
    ]);
    expect(plain.flat().map(({ payload }) => payload)).toMatchObject([
      [{ path: ['jobEvents'], extensions: { code: 'NOT_FOUND' } }],
      [{ path: ['jobEvents'], extensions: { code: 'BAD_USER_INPUT' } }],
      [{ message: expect.stringContaining('projectId') }, { message: expect.stringContaining('snapshot') }],
    ]);
    expect(await messagesBy(DELIVERIES.shared)).toEqual(plain);
  },
);
