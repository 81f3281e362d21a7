/** Results that turn out to depend on the viewer while something else goes on: no gap, no silence, nobody else's result. */
import type { Socket } from 'node:net';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { PersonalResultError, Results } from '../../src/realtime/shared-delivery/results.ts';
import { createSharedContext } from '../../src/realtime/shared-delivery/shared-context.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, unique, writeJob } from '../setup/harness.ts';
import { Client, type Endpoint, holdIntervals, startEndpoint } from './endpoint.ts';
import { MESSAGES, schemaWith } from './message-schema.ts';

/** Another history begins in place of the project's own. */
async function loseHistory({ keys, log, hub, redis }: Endpoint, projectId: string): Promise<void> {
  const { meta, log: events } = keys.project(projectId);
  const { expired } = hub.counters;
  await redis.del(meta, events);
  await writeJob(log, projectId, 3);
  await until(() => hub.counters.expired > expired, { what: 'the feed has seen that its history is lost' });
}

function lastOf(client: Client): unknown {
  const { type, payload } = client.of('s').at(-1) ?? {};
  return type === 'error' ? (payload as { extensions: { code: string } }[])[0]?.extensions.code : type;
}

test.each([
  ['turns out personal', true],
  ['is shared after all', false],
])(
  'the history is lost while a result that %s is on its way: EVENTS_EXPIRED (G2)',
  async (_what, isPersonal) => {
    const late = Promise.withResolvers<void>();
    let isAsked = false;
    const schema = schemaWith(({ progress }, context) => {
      if (progress !== 0.5) return 'all';
      isAsked = true;
      return late.promise.then(() => (isPersonal ? `only ${context.viewer}` : 'late'));
    });
    const endpoint = await startEndpoint({ schema, viewer: (name) => name });
    const projectId = unique('project');
    const writer = await writeJob(endpoint.log, projectId);
    const client = await Client.connect(`ws://${endpoint.url}`, {}, 'ann');
    client.subscribe('s', { projectId }, MESSAGES);
    await client.events('s', 1);
    await until(() => endpoint.hub.listenerCount === 1);
    await writer.progress(0.5);
    await until(() => isAsked);
    await loseHistory(endpoint, projectId);
    late.resolve();
    await until(() => lastOf(client) === 'EVENTS_EXPIRED');
  },
);

test('a slow client whose results turn out personal as it catches up goes on, with everything since', async () => {
  holdIntervals();
  let edition = 0;
  let isPersonal = false;
  const schema = schemaWith(({ progress }, context) =>
    isPersonal ? `${context.viewer} sees ${progress}` : `all see ${progress}`,
  );
  const endpoint = await startEndpoint({ schema, viewer: (name) => name, linkEdition: () => edition });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const slow = await Client.connect(`ws://${endpoint.url}`, {}, 'slow');
  const [socket] = endpoint.sockets as [Socket];
  const quick = await Client.connect(`ws://${endpoint.url}`, {}, 'quick');
  for (const client of [slow, quick]) client.subscribe('s', { projectId }, MESSAGES);
  for (const client of [slow, quick]) await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  socket.cork();
  // Each in a turn of its own: what comes first is written, and the others wait for the slow client.
  for (const [index, progress] of [0.1, 0.2, 0.3].entries()) {
    await writer.progress(progress);
    await quick.events('s', 2 + index);
  }
  // What waits for the slow client is made anew, and now depends on who asks.
  edition = 1;
  isPersonal = true;
  socket.uncork();
  expect((await slow.events('s', 4)).map(({ message }) => message)).toEqual([
    'all see 0',
    'all see 0.1',
    'slow sees 0.2',
    'slow sees 0.3',
  ]);
  for (const progress of [0.4, 0.5]) await writer.progress(progress);
  for (const [client, name] of [
    [slow, 'slow'],
    [quick, 'quick'],
  ] as const) {
    expect((await client.events('s', 6)).slice(4).map(({ message }) => message)).toEqual([
      `${name} sees 0.4`,
      `${name} sees 0.5`,
    ]);
  }
});

/** Results of all viewers whose messages `resolve` makes. */
function createResults(resolve: Parameters<typeof schemaWith>[0], edition?: () => number): Results {
  const asked = {
    schema: schemaWith(resolve),
    document: parse(MESSAGES),
    operationName: null,
    variables: { projectId: 'project' },
  };
  return new Results(
    asked,
    { shared: createSharedContext({}) },
    { schema: asked.schema, onInternal: () => {} },
    edition,
  );
}

function eventOf(seq: number): LoggedEvent {
  const event = new JobWriter(undefined as never, 'project').progressEvent(seq / 100, 'processing', 1);
  return { epoch: 'e', seq, hash: String(seq), event };
}

test('of results that are made side by side none is shared once one has turned out personal', async () => {
  const late = Promise.withResolvers<void>();
  const results = createResults(async ({ progress }, context) => {
    if (progress === 0.01) {
      await Promise.resolve();
      return String(context.viewer);
    }
    await late.promise;
    return 'all';
  });
  const personal = results.of(eventOf(1));
  const shared = results.of(eventOf(2));
  // Its resolver has been refused already when the other settles.
  await expect(personal).rejects.toThrow(PersonalResultError);
  late.resolve();
  await expect(shared).rejects.toThrow(PersonalResultError);
  results.close();
});

test('a result that was on its way when the links in results ran out is not kept', async () => {
  let edition = 0;
  const late = Promise.withResolvers<string>();
  const results = createResults(
    () => late.promise,
    () => edition,
  );
  const [event, next] = [eventOf(1), eventOf(2)];
  const old = results.of(event);
  edition = 1;
  const fresh = results.of(next);
  late.resolve('all');
  await Promise.all([old, fresh]);
  expect(results.of(next)).toBeInstanceOf(Buffer);
  expect(results.of(event)).toBeInstanceOf(Promise);
  results.close();
});
