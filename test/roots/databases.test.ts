/** Two installations on one Redis server, each in a database of its own: neither hears anything of the other. */
import { createClient } from 'graphql-ws';
import { expect, inject, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../src/core/logger.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';

const WRITE = `mutation ($projectId: ID!) {
  writeScript(input: { projectId: $projectId, brief: "A cat sat on a mat. The dog barked at the cat." }) { id }
}`;
const WATCH = `subscription ($projectId: ID!) { jobEvents(projectId: $projectId) { ... on Event { jobId } } }`;

/** An API server, in this process, on a database of the run's Redis. */
async function startOn(database: number, prefix: string) {
  const redisUrl = `${inject('redisUrl')}/${database}`;
  const config = readConfig({ PORT: '0', PLAYHEAD_PREFIX: prefix });
  const server = await startServer({ config, redisUrl, logger: silentLogger });
  onTestFinished(() => server.close());
  return {
    url: server.url,
    mutate: async (query: string, variables: Record<string, string>): Promise<string> => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data } = (await response.json()) as { data: Record<string, { id: string }> };
      return Object.values(data)[0]?.id ?? '';
    },
  };
}

test('a subscriber of one database is given no event of a project with the same name in another', async () => {
  const prefix = unique('databases');
  const projectId = unique('project');
  const [one, other] = await Promise.all([startOn(0, prefix), startOn(1, prefix)]);
  const client = createClient({
    url: `${other.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  onTestFinished(() => client.dispose());
  const watching = client.iterate<{ jobEvents: { jobId: string } }>({
    query: WATCH,
    variables: { projectId },
  });
  const first = watching.next();
  const redis = connect();
  await until(async () => ((await redis.pubsub('CHANNELS', `${prefix}*`)) as string[]).length > 0);
  // The first event of the project there, and this subscriber waits for the first one here.
  await one.mutate(WRITE, { projectId });
  const own = await other.mutate(WRITE, { projectId });
  const { value } = await within(first, PATIENCE_MS, 'the first event');
  expect(value?.data?.jobEvents.jobId).toBe(own);
  await watching.return?.();
});

test('no channel of an installation is named as one of another prefix or database', async () => {
  const redis = connect();
  const channels = ['a', 'b', 'a-db1', 'db1'].flatMap((prefix) =>
    [0, 1, 11].flatMap((database) => {
      const keys = createKeys(prefix, database);
      return [keys.control, keys.project('p').live, keys.project('db1').live];
    }),
  );
  expect(new Set(channels).size).toBe(channels.length);

  const prefix = unique('channels');
  const server = await startOn(1, prefix);
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
  });
  onTestFinished(() => client.dispose());
  const watching = client.iterate({ query: WATCH, variables: { projectId: 'p' } });
  await server.mutate(WRITE, { projectId: 'p' });
  await within(watching.next(), PATIENCE_MS, 'the first event');
  const open = await until(async () => {
    const found = (await redis.pubsub('CHANNELS', `${prefix}*`)) as string[];
    return found.length > 0 ? found : undefined;
  });
  expect(open).toEqual([createKeys(prefix, 1).project('p').live]);
  await watching.return?.();
});
