/** No-op jobs a second, from the mutation over the events to the completion at a client, beside BullMQ alone. */
import { Agent, request } from 'node:http';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import {
  type Bench,
  type Contender,
  median,
  PLAYHEAD,
  Publisher,
  type Section,
  Server,
  sleep,
} from '../driver.ts';

const IN_FLIGHT = 32;
const WORKER_CONCURRENCY = 16;
const BULLMQ_API: Contender = {
  name: 'BullMQ behind HTTP and ws',
  file: './peers/bullmq-api.mjs',
  protocol: 'ws',
  path: '/',
};
const BULLMQ_WORKER: Contender = { ...BULLMQ_API, file: './peers/bullmq-worker.mjs' };
export const PLAYHEAD_WORKER: Contender = { ...PLAYHEAD, file: './playhead-worker.ts', execArgv: [] };
const MUTATION = `mutation ($input: WriteScriptInput!) { writeScript(input: $input) { id } }`;
const COMPLETIONS = `subscription ($projectId: ID!) {
  jobEvents(projectId: $projectId) { __typename ... on ProgressEvent { id status progress } ... on CompletionEvent { jobId } }
}`;

/** What a contender does with one job, and how its completions are heard of. */
interface Road {
  /** @returns the job's id, once it is accepted */
  add(): Promise<string>;
  close(): Promise<void>;
}

type OnCompleted = (id: string) => void;

/** Keeps so many jobs under way. @returns jobs per second */
export async function drive(
  open: (onCompleted: OnCompleted) => Promise<Road>,
  count: number,
): Promise<number> {
  const completed = new Set<string>();
  const waiting = new Map<string, () => void>();
  const road = await open((id) => {
    completed.add(id);
    waiting.get(id)?.();
    waiting.delete(id);
  });
  const run = async (jobs: number): Promise<void> => {
    let left = jobs;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const id = await road.add();
        if (!completed.has(id)) await new Promise<void>((resolve) => waiting.set(id, resolve));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };
  await run(200);
  const rates: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const begin = performance.now();
    await run(count);
    rates.push(count / ((performance.now() - begin) / 1_000));
  }
  await road.close();
  return median(rates);
}

function post(agent: Agent, port: number, path: string, body: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          const id = /"id":"([^"]+)"/.exec(text)?.[1];
          if (id === undefined) reject(new Error(text));
          else resolve(id);
        });
      },
    );
    outgoing.on('error', reject).end(JSON.stringify(body));
  });
}

function openSocket(port: number, path: string, protocol: string | undefined): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol);
  return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject));
}

export async function playhead(server: Server, projectId: string, onCompleted: OnCompleted): Promise<Road> {
  const agent = new Agent({ keepAlive: true });
  const socket = await openSocket(server.port, '/graphql', 'graphql-transport-ws');
  socket.on('message', (data) => {
    const id = /"CompletionEvent","jobId":"([^"]+)"/.exec(String(data))?.[1];
    if (id !== undefined) onCompleted(id);
  });
  socket.send('{"type":"connection_init"}');
  await sleep(200);
  socket.send(
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: COMPLETIONS, variables: { projectId } } }),
  );
  await sleep(200);
  const body = {
    query: MUTATION,
    variables: { input: { projectId, brief: 'Nothing at all happens here.' } },
  };
  return {
    add: () => post(agent, server.port, '/graphql', body),
    close: async () => {
      agent.destroy();
      socket.terminate();
    },
  };
}

async function bullmqService(server: Server, onCompleted: OnCompleted): Promise<Road> {
  const agent = new Agent({ keepAlive: true });
  const socket = await openSocket(server.port, '/', undefined);
  socket.on('message', (data) => onCompleted((JSON.parse(String(data)) as { jobId: string }).jobId));
  return {
    add: () => post(agent, server.port, '/', { brief: 'Nothing at all happens here.' }),
    close: async () => {
      agent.destroy();
      socket.terminate();
    },
  };
}

async function bullmqAlone(bench: Bench, onCompleted: OnCompleted): Promise<Road> {
  const connections = [0, 1].map(() => new Redis(bench.redisUrl, { maxRetriesPerRequest: null }));
  const [first, second] = connections as [Redis, Redis];
  const options = { prefix: bench.prefix, defaultJobOptions: { removeOnComplete: true } };
  const queue = new Queue('bare', { connection: first, ...options });
  const events = new QueueEvents('bare', { connection: second, prefix: bench.prefix });
  await events.waitUntilReady();
  events.on('completed', ({ jobId }) => onCompleted(jobId));
  // It reads from the stream's end, and what comes before its first read is lost: ready or not.
  await sleep(1_000);
  return {
    add: async () => (await queue.add('nothing', { brief: 'Nothing at all happens here.' })).id ?? '',
    close: async () => {
      await queue.close();
      await events.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}

export async function jobs(bench: Bench): Promise<Section> {
  const count = bench.quick ? 1_000 : 4_000;
  const env = { PLAYHEAD_CONCURRENCY: String(WORKER_CONCURRENCY) };
  const bareWorker = await Server.start(bench, BULLMQ_WORKER, { env });
  const alone = await drive((onCompleted) => bullmqAlone(bench, onCompleted), count);
  const bareApi = await Server.start(bench, BULLMQ_API);
  const service = await drive((onCompleted) => bullmqService(bareApi, onCompleted), count);
  await Promise.all([bareWorker.end(), bareApi.end()]);
  const [api, worker] = await Promise.all([
    Server.start(bench, PLAYHEAD),
    Server.start(bench, PLAYHEAD_WORKER, { env }),
  ]);
  const { projectId } = new Publisher(bench, PLAYHEAD);
  const before = await Promise.all([api.usage(), worker.usage()]);
  const ours = await drive((onCompleted) => playhead(api, projectId, onCompleted), count);
  const after = await Promise.all([api.usage(), worker.usage()]);
  const [apiCpu, workerCpu] = after.map(({ cpuMicros }, index) => {
    return (cpuMicros - (before[index]?.cpuMicros ?? 0)) / (3 * count + 200);
  });
  await Promise.all([api.end(), worker.end()]);
  return {
    name: 'jobs',
    rows: [
      { what: 'BullMQ alone: add in process, QueueEvents', value: `${alone.toFixed(0)} jobs/s` },
      { what: BULLMQ_API.name, value: `${service.toFixed(0)} jobs/s` },
      {
        what: 'Playhead, mutation to completion',
        value: `${ours.toFixed(0)} jobs/s (CPU per job: API ${apiCpu?.toFixed(0)} µs, worker ${workerCpu?.toFixed(0)} µs)`,
      },
      { what: 'of BullMQ behind HTTP and ws', value: (ours / service).toFixed(2) },
      {
        what: 'of BullMQ alone',
        value: (ours / alone).toFixed(2),
        goal: 'at least 0.7',
        met: ours / alone >= 0.7,
      },
    ],
    figures: {
      alone,
      service,
      playhead: ours,
      apiCpuMicros: apiCpu,
      workerCpuMicros: workerCpu,
      inFlight: IN_FLIGHT,
    },
  };
}
