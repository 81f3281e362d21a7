/** What a group shares and what it must not: viewers, errors, results that take time. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import {
  CHOOSING_ARGUMENTS,
  groupKey,
  resultVariables,
  SHARED_FIELD,
} from '../../src/realtime/shared-delivery/operation.ts';
import { createSharedContext } from '../../src/realtime/shared-delivery/shared-context.ts';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { schema as productSchema } from '../setup/schema.ts';
import { Client, startEndpoint } from './endpoint.ts';
import { MESSAGES, schemaWith } from './message-schema.ts';

test('a field that depends on the viewer is never shared, from the first event on', async () => {
  const schema = schemaWith(({ progress }, { viewer }) => `${viewer} sees ${progress}`);
  const endpoint = await startEndpoint({ schema, viewer: (name) => name });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const names = ['ann', 'ben', 'cy'];
  const clients = await Promise.all(names.map((name) => Client.connect(`ws://${endpoint.url}`, {}, name)));
  for (const client of clients) client.subscribe('s', { projectId }, MESSAGES);
  for (const client of clients) await client.events('s', 1);
  await Promise.all(range(1, 5).map((step) => writer.progress(step / 10)));
  for (const [index, client] of clients.entries()) {
    const messages = (await client.events('s', 6)).map(({ message }) => message);
    expect(messages).toEqual(
      [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((progress) => `${names[index]} sees ${progress}`),
    );
  }
  expect(endpoint.webSocket.groups).toBe(3);
  for (const client of clients) client.socket.terminate();
  await until(() => endpoint.webSocket.groups === 0 && endpoint.hub.listenerCount === 0);
});

test('a dependence on the viewer that shows late takes a live group apart without a gap or a repeat', async () => {
  const schema = schemaWith(({ progress }, context) => (progress < 0.5 ? 'all' : `only ${context.viewer}`));
  const endpoint = await startEndpoint({ schema, viewer: (name) => name });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const names = ['ann', 'ben', 'cy'];
  const clients = await Promise.all(names.map((name) => Client.connect(`ws://${endpoint.url}`, {}, name)));
  for (const client of clients) client.subscribe('s', { projectId }, MESSAGES);
  for (const client of clients) await client.events('s', 1);
  await writer.progress(0.1);
  for (const client of clients) await client.events('s', 2);
  expect(endpoint.webSocket.groups).toBe(1);
  // In one tick: what is shared is delivered, what is not is made for each.
  await endpoint.subscriber.unsubscribe(endpoint.keys.project(projectId).live);
  await Promise.all([0.3, 0.4, 0.5, 0.6].map((progress) => writer.progress(progress)));
  for (const [index, client] of clients.entries()) {
    const messages = (await client.events('s', 6)).map(({ message }) => message);
    const own = `only ${names[index]}`;
    expect(messages).toEqual(['all', 'all', 'all', 'all', own, own]);
  }
  expect(endpoint.webSocket.groups).toBe(3);
});

test('results that take time come in the order of the log', async () => {
  const late = new Map([0.1, 0.2].map((progress) => [progress, Promise.withResolvers<string>()]));
  const asked = new Set<number>();
  const schema = schemaWith(({ progress }) => {
    asked.add(progress);
    return late.get(progress)?.promise ?? 'now';
  });
  const endpoint = await startEndpoint({ schema });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('s', { projectId }, MESSAGES);
  await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  await writer.progress(0.1);
  await until(() => asked.has(0.1));
  await writer.progress(0.2);
  await writer.complete();
  late.get(0.1)?.resolve('late 0.1');
  await until(() => asked.has(0.2));
  late.get(0.2)?.resolve('late 0.2');
  const seen = await client.events('s', 4);
  expect(seen.map(({ message }) => message)).toEqual(['now', 'late 0.1', 'late 0.2', undefined]);
});

test('an error in a field of one event is masked, and does not end the group', async () => {
  const schema = schemaWith(({ progress }) => {
    if (progress === 0.2) throw new Error('secret');
    return 'fine';
  });
  const endpoint = await startEndpoint({ schema });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const clients = [await endpoint.connect(), await endpoint.connect()];
  for (const client of clients) client.subscribe('s', { projectId }, MESSAGES);
  for (const client of clients) await client.events('s', 1);
  for (const progress of [0.1, 0.2, 0.3]) await writer.progress(progress);
  for (const client of clients) {
    expect((await client.events('s', 4)).map((event) => event?.message)).toEqual([
      'fine',
      'fine',
      undefined,
      'fine',
    ]);
    expect(client.of('s')[2]?.payload).toMatchObject({
      data: null,
      errors: [
        { message: 'Unexpected error', path: ['jobEvents', 'message'], extensions: { code: 'INTERNAL' } },
      ],
    });
    expect(client.texts.join()).not.toContain('secret');
  }
});

test('what is the same for all may be read from the shared context, and nothing else', () => {
  const shared = createSharedContext({ artifactUrl: (path: string) => `/files/${path}` });
  const context = shared.value as { artifactUrl(path: string): string; viewer?: unknown };
  expect(context.artifactUrl('a')).toBe('/files/a');
  expect(shared.isTouched).toBe(false);
  expect(() => context.viewer).toThrow('context.viewer');
  expect(shared.isTouched).toBe(true);
  expect(() => 'viewer' in context).toThrow();
  expect(() => ({ ...context })).toThrow();
  expect(() => Object.assign(context, { viewer: 'ann' })).toThrow();
  expect(shared.isTouched).toBe(true);
});

test('jobEvents has no argument that delivery does not know', () => {
  const field = productSchema.getSubscriptionType()?.getFields()[SHARED_FIELD];
  expect(field?.args.map(({ name }) => name).toSorted()).toEqual(CHOOSING_ARGUMENTS.toSorted());
});

test.each([
  ['subscription ($p: ID!, $a: ID) { jobEvents(projectId: $p, after: $a) { __typename } }', []],
  ['subscription ($p: ID!, $x: Boolean!) { jobEvents(projectId: $p) { __typename @skip(if: $x) } }', ['x']],
  [
    'subscription ($p: ID!) { jobEvents(projectId: $p) { ...f } } fragment f on Event { id @include(if: $s) }',
    ['s'],
  ],
  [
    'subscription ($p: ID!, $s: Boolean!) { jobEvents(projectId: $p, snapshot: $s) { id @skip(if: $s) } }',
    ['s'],
  ],
  ['subscription ($p: ID!, $n: Int) { jobEvents(projectId: $p, unknown: $n) { __typename } }', ['n']],
  ['subscription ($p: ID!) { jobEvents(projectId: $p) @skip(if: true) { __typename } }', null],
  [
    'subscription ($p: ID!) { ...f } fragment f on Subscription { jobEvents(projectId: $p) { __typename } }',
    null,
  ],
  ['query { workflows { workflow } }', null],
] as const)('%s: the result depends on %j', (source, names) => {
  expect(resultVariables(parse(source), null)).toEqual(names);
});

test('an absent variable is not the same as null', () => {
  expect(groupKey('q', null, ['x'], {}, null)).not.toBe(groupKey('q', null, ['x'], { x: null }, null));
  expect(groupKey('q', null, ['x'], { x: 1, y: 1 }, null)).toBe(
    groupKey('q', undefined, ['x'], { x: 1, y: 2 }, null),
  );
  expect(groupKey('q', null, [], {}, 'job')).not.toBe(groupKey('q', null, [], {}, null));
});
