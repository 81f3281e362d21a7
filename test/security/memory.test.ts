/**
 * Work of every hostile kind, round after round, at an API process of its own: its memory stays level and it goes on
 * answering. PLAYHEAD_FUZZ_ROUNDS (default 4) prolongs it; each round prints a line when it is set.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MeasuredServer, type Memory, startMeasured } from './measured-server.ts';
import { RawClient } from './raw-client.ts';

const ROUNDS = Number(process.env['PLAYHEAD_FUZZ_ROUNDS'] ?? 4);
/** Pools, code that the engine compiles, caches up to their bounds. */
const WARM_UP = 2;
/** Bytes. Before the caches of documents had a bound in length, each round left more. */
const GROWTH_BYTES = 16 * 1_048_576;
const WATCH = 'subscription { jobEvents(projectId: "a") { __typename } }';

interface Attacked {
  readonly server: MeasuredServer;
  readonly credential: string;
  /** Tells one request from all others of the run. */
  readonly mark: () => string;
}

const ATTACKS: Readonly<Record<string, (attacked: Attacked) => Promise<unknown>>> = {
  'documents of many fields': ({ mark, ...attacked }) =>
    times(20, () => post(attacked, `{ job(projectId: "a", id: "${mark()}") { ${'id '.repeat(1_900)} } }`)),
  'documents of long texts': ({ mark, ...attacked }) =>
    times(5, () => post(attacked, `{ job(projectId: "a", id: "${mark()}${'x'.repeat(200_000)}") { id } }`)),
  'documents that break off': ({ mark, ...attacked }) =>
    times(5, () => post(attacked, `{ a${mark()}${'x'.repeat(200_000)} `)),
  'wrong fields': ({ mark, ...attacked }) =>
    times(5, () => post(attacked, `{ ${Array.from({ length: 200 }, () => `a${mark()}`).join(' ')} }`)),
  'variables of any shape': (attacked) =>
    times(5, async () => {
      const [value] = fc.sample(fc.json({ maxDepth: 20 }), 1);
      await post(attacked, 'query ($id: ID!) { job(projectId: "a", id: $id) { id } }', `{"id":${value}}`);
    }),
  'wrong credentials': ({ server, mark }) =>
    times(5, () => post({ server, credential: `ph_0123456789ab_${mark().padEnd(43, 'A')}` }, WATCH)),
  'projects of others': ({ mark, ...attacked }) =>
    times(5, () => post(attacked, `{ jobs(projectId: "p${mark()}") { edges { node { id } } } }`)),
  'streams that are left': ({ server, credential }) =>
    times(5, async () => {
      const left = new AbortController();
      const headers = { ...headersOf(credential), accept: 'text/event-stream' };
      const body = JSON.stringify({ query: WATCH });
      const { url } = server;
      await fetch(`${url}/graphql`, { method: 'POST', headers, body, signal: left.signal });
      left.abort();
    }),
  'sockets with anything': ({ server, credential, mark }) =>
    times(5, async () => {
      const client = await RawClient.open(server.url);
      client.init(credential);
      await client.until('connection_ack');
      client.send({ id: mark(), type: 'subscribe', payload: { query: WATCH } });
      client.send({ id: mark(), type: 'subscribe', payload: { query: `{ a${mark()} }` } });
      client.send(fc.sample(fc.json(), 1)[0] ?? '');
      await client.ended();
    }),
  'requests that break off': ({ server }) =>
    times(5, async () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
        socket.write('POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{', () =>
          socket.destroy(),
        );
      });
    }),
};

test('memory stays level', { timeout: 120_000 + ROUNDS * 30_000 }, async () => {
  const server = await startMeasured({ PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' });
  const grant = { name: 'fuzz', projects: ['a'], scope: 'read', expiresAt: null } as const;
  const credential = (await server.store.createKey(grant)).text;
  let count = 0;
  const mark = (): string => {
    count += 1;
    return `m${count}`;
  };
  const found: Memory[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const attack of Object.values(ATTACKS)) await attack({ server, credential, mark });
    found.push(await server.memory());
    if (process.env['PLAYHEAD_FUZZ_ROUNDS'] !== undefined) report(round, found.at(-1));
  }
  expect(await post({ server, credential }, '{ workflows { taskName } }')).toBe(200);
  const [before, after] = [found[WARM_UP - 1], found.at(-1)].map((memory) => memory?.heapBytes ?? 0);
  expect((after ?? 0) - (before ?? 0)).toBeLessThan(GROWTH_BYTES);
});

function report(round: number, memory: Memory | undefined): void {
  const [heap, resident] = [memory?.heapBytes, memory?.residentBytes].map((bytes = 0) =>
    (bytes / 1e6).toFixed(1),
  );
  process.stdout.write(`round ${round + 1}: heap ${heap} MB, resident ${resident} MB\n`);
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done += 1) await work();
}

function headersOf(credential: string) {
  return { 'content-type': 'application/json', authorization: `Bearer ${credential}` };
}

async function post(
  { server, credential }: Pick<Attacked, 'server' | 'credential'>,
  query: string,
  variables = '{}',
): Promise<number> {
  const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: headersOf(credential),
    body,
  });
  await response.arrayBuffer();
  return response.status;
}
