/** Viewers who see one job alone: they share results among themselves, and with nobody else. */
import { expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { unique, writeJob } from '../setup/harness.ts';
import { Client, startEndpoint } from './endpoint.ts';

/** An event's job leads to others. */
const LEADING =
  'subscription ($projectId: ID!, $jobId: ID) { jobEvents(projectId: $projectId, jobId: $jobId) { ... on Event { id job { status parent { id } } } } }';

test('with the same document, they are one group of their own', async () => {
  const projectId = unique('project');
  const jobs: string[] = [];
  const endpoint = await startEndpoint({ jobOf: (name) => jobs[Number(name)] ?? null });
  const writers = [await writeJob(endpoint.log, projectId), await writeJob(endpoint.log, projectId)];
  jobs.push(...writers.map(({ state }) => state.id));
  const [first = '', second = ''] = jobs;
  // Two who see the first job, one who sees the second, one who sees everything.
  const clients = await Promise.all(
    ['0', '0', '1', 'all'].map((name) => Client.connect(`ws://${endpoint.url}`, {}, name)),
  );
  for (const [index, client] of clients.entries()) {
    client.subscribe('s', { projectId, jobId: index === 2 ? second : first }, LEADING);
    await client.events('s', 1);
  }
  await until(() => endpoint.webSocket.groups === 3);
  await writers[0]?.progress(0.5);
  await writers[1]?.progress(0.6);
  for (const client of clients) await client.events('s', 2);
  expect(endpoint.webSocket.groups).toBe(3);
});
