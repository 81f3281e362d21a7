/** While Redis is away: answers come within 2 s, readiness says why, and jobs and subscriptions continue afterwards. */
import { expect, onTestFinished, test } from 'vitest';
import { createResumingClient, type Transport } from '../../client/resuming-client.ts';
import { start } from '../cli/playhead.ts';
import { PATIENCE_MS, until } from '../setup/deadline.ts';
import { type ClientTarget, post, ResumingSubscriber, untilFollowed, writeScript } from './kit/client.ts';
import { seeded } from './kit/random.ts';
import { startStack } from './kit/stack.ts';

const PROJECT = 'down';
/** The 2 s, plus what a busy machine adds. */
const ANSWER_LIMIT_MS = 3_500;

/** For an orderly exit, with a drain time of 2 s. */
const END_LIMIT_MS = 12_000;

const TRANSPORTS: readonly Transport[] = ['websocket', 'event-stream', 'polling'];

const OPERATIONS: readonly (readonly [query: string, variables: object])[] = [
  ['query ($p: ID!) { job(projectId: $p, id: "unknown") { id } }', {}],
  ['query ($p: ID!) { jobs(projectId: $p) { edges { node { id } } } }', {}],
  ['mutation ($p: ID!) { writeScript(input: { projectId: $p, brief: "A fox" }) { id } }', {}],
  ['mutation ($p: ID!) { cancelJob(projectId: $p, id: "unknown") { id } }', {}],
  ['mutation ($p: ID!) { retryJob(projectId: $p, id: "unknown") { id } }', {}],
];

/** The connection states reported by the package's client, in order, and how often it has begun its subscription anew. */
interface Followed {
  readonly states: string[];
  begun: number;
}

function follow(port: number, transport: Transport = 'websocket'): Followed {
  const followed: Followed = { states: [], begun: 0 };
  const client = createResumingClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    transports: [transport],
    onState: ({ name }) => followed.states.push(name),
    onAnew: () => {
      followed.begun += 1;
    },
  });
  onTestFinished(() => client.dispose());
  const query = 'subscription ($p: ID!) { jobEvents(projectId: $p) { ... on Event { id } } }';
  const sink = { next: () => {}, error: () => {}, complete: () => {} };
  client.subscribe({ query, variables: { p: PROJECT } }, sink);
  return followed;
}

test('everything is answered with UNAVAILABLE within 2 s, and all goes on when Redis is back', async () => {
  const stack = await startStack({ PLAYHEAD_LOCK_SECONDS: '60' });
  onTestFinished(() => stack.close());
  const ports = stack.apis.map(({ port }) => port);
  const target: ClientTarget = { projectId: PROJECT, ports: () => ports, random: seeded(1) };
  const subscriber = new ResumingSubscriber(target);
  onTestFinished(() => subscriber.close());
  const endings = new Map<string, string>();
  subscriber.onEvent = ({ __typename, jobId, attempt, willRetry }) => {
    if (__typename !== 'ProgressEvent' && willRetry !== true) endings.set(jobId, `${__typename} ${attempt}`);
  };
  await untilFollowed(target, [subscriber], 'first');
  // This job takes longer than Redis will be away: it continues meanwhile, and its lock outlasts the absence.
  const { jobId } = await writeScript(target, { name: 'running', stepMs: 1_000 });
  await until(() => subscriber.jobIds.has(jobId));
  const port = ports[0] ?? 0;
  const followed = [follow(port), follow(port, 'event-stream')];
  for (const { states } of followed) await until(() => states.at(-1) === 'live');
  const watching = start(['watch', '--project', PROJECT], { url: `http://127.0.0.1:${port}` });
  await watching.says('All jobs of project down');
  // Its stream has begun once it reports a job that was created after its list.
  let laterJobs = 0;
  await until(async () => {
    laterJobs += 1;
    const { jobId: later } = await writeScript(target, { name: `later-${laterJobs}`, stepMs: 20 });
    return watching.says(later, 2_000).then(
      () => true,
      () => false,
    );
  });

  await stack.redis.kill();
  await Promise.all(
    OPERATIONS.map(async ([query]) => {
      const began = performance.now();
      const failure = await post(port, query, { p: PROJECT }, PATIENCE_MS).catch(String);
      expect(failure, query).toContain('"code":"UNAVAILABLE"');
      expect(performance.now() - began, query).toBeLessThan(ANSWER_LIMIT_MS);
    }),
  );
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not ready', reason: 'Redis does not answer' },
  ]);

  for (const { states } of followed) {
    await until(() => states.at(-1) === 'unavailable', { what: 'the client is told that no event can come' });
  }
  await watching.says('The server cannot reach its Redis');
  const late = TRANSPORTS.map((transport) => follow(port, transport));
  for (const one of late) {
    await until(() => one.begun > 2);
    expect(one.states.slice(one.states.indexOf('unavailable')), 'no try looks like an end').toEqual([
      'unavailable',
    ]);
  }

  await stack.redis.start();
  for (const { states } of [...followed, ...late]) {
    await until(() => states.at(-1) === 'live', { what: 'the client is told that events come again' });
    expect(states).not.toContain('reconnecting');
  }
  await watching.says('continuing after the last event');
  await until(() => endings.get(jobId), { what: 'the job that ran has ended' });
  expect(endings.get(jobId)).toMatch(/^CompletionEvent/);
  expect(subscriber.reconnects, 'the subscription stayed open').toBe(0);
  const seqs = subscriber.stretches.flatMap(({ positions }) => positions.map(({ seq }) => seq));
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);

  // A worker's blocking connection then keeps reconnecting, and BullMQ's close() does not return.
  await stack.redis.kill();
  const began = performance.now();
  const members = [stack.apis[0], stack.workers[0]];
  expect(await Promise.all(members.map((member) => member.end('SIGTERM')))).toEqual([0, 0]);
  expect(performance.now() - began).toBeLessThan(END_LIMIT_MS);
});
