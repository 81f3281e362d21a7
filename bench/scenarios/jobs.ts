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
/** Before anything is measured: until then the compiler still works on the code that a server runs for days. */
const WARM_UP = 6_000;
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
  warmUp = 200,
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
  await run(warmUp);
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

/** Follows a project. @param onOther gets what is no event */
async function follow(
  server: Server,
  projectId: string,
  onCompleted: OnCompleted,
  onOther: (text: string) => void = () => {},
): Promise<WebSocket> {
  const socket = await openSocket(server.port, '/graphql', 'graphql-transport-ws');
  socket.on('message', (data) => {
    const text = String(data);
    const id = /"CompletionEvent","jobId":"([^"]+)"/.exec(text)?.[1];
    if (id !== undefined) onCompleted(id);
    else onOther(text);
  });
  socket.send('{"type":"connection_init"}');
  await sleep(200);
  const payload = { query: COMPLETIONS, variables: { projectId } };
  socket.send(JSON.stringify({ id: 'events', type: 'subscribe', payload }));
  await sleep(200);
  return socket;
}

function mutation(projectId: string) {
  return { query: MUTATION, variables: { input: { projectId, brief: 'Nothing at all happens here.' } } };
}

/** Mutations over HTTP, as Apollo and urql send them by default. */
export async function overHttp(server: Server, projectId: string, onCompleted: OnCompleted): Promise<Road> {
  const agent = new Agent({ keepAlive: true });
  const socket = await follow(server, projectId, onCompleted);
  return {
    add: () => post(agent, server.port, '/graphql', mutation(projectId)),
    close: async () => {
      agent.destroy();
      socket.terminate();
    },
  };
}

/** Mutations over the socket that the events come on. */
async function overWebSocket(server: Server, projectId: string, onCompleted: OnCompleted): Promise<Road> {
  const answers = new Map<string, (id: string) => void>();
  const socket = await follow(server, projectId, onCompleted, (text) => {
    const [, id = '', jobId = ''] = /^\{"id":"(\d+)".*?"writeScript":\{"id":"([^"]+)"/.exec(text) ?? [];
    answers.get(id)?.(jobId);
    answers.delete(id);
  });
  let sent = 0;
  return {
    add: () =>
      new Promise((resolve) => {
        sent += 1;
        answers.set(String(sent), resolve);
        const message = { id: String(sent), type: 'subscribe', payload: mutation(projectId) };
        socket.send(JSON.stringify(message));
      }),
    close: async () => socket.terminate(),
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

/** Our API and a worker, with what a job costs them. */
async function measureOurs(
  bench: Bench,
  open: typeof overHttp,
  count: number,
  warmUp: number,
): Promise<{ readonly rate: number; readonly apiMicros: number; readonly workerMicros: number }> {
  const env = { PLAYHEAD_CONCURRENCY: String(WORKER_CONCURRENCY) };
  const processes = await Promise.all([
    Server.start(bench, PLAYHEAD),
    Server.start(bench, PLAYHEAD_WORKER, { env }),
  ]);
  const [api] = processes;
  const { projectId } = new Publisher(bench, PLAYHEAD);
  const before = await Promise.all(processes.map((server) => server.usage()));
  const rate = await drive((onCompleted) => open(api, projectId, onCompleted), count, warmUp);
  const after = await Promise.all(processes.map((server) => server.usage()));
  await Promise.all(processes.map((server) => server.end()));
  const [apiMicros = 0, workerMicros = 0] = after.map(
    ({ cpuMicros }, at) => (cpuMicros - (before[at]?.cpuMicros ?? 0)) / (3 * count + warmUp),
  );
  return { rate, apiMicros, workerMicros };
}

export async function jobs(bench: Bench): Promise<Section> {
  const count = bench.quick ? 600 : 4_000;
  const warmUp = bench.quick ? WARM_UP / 6 : WARM_UP;
  const env = { PLAYHEAD_CONCURRENCY: String(WORKER_CONCURRENCY) };
  const bareWorker = await Server.start(bench, BULLMQ_WORKER, { env });
  const alone = await drive((onCompleted) => bullmqAlone(bench, onCompleted), count, warmUp);
  const bareApi = await Server.start(bench, BULLMQ_API);
  const service = await drive((onCompleted) => bullmqService(bareApi, onCompleted), count, warmUp);
  await Promise.all([bareWorker.end(), bareApi.end()]);
  const webSocket = await measureOurs(bench, overWebSocket, count, warmUp);
  const http = await measureOurs(bench, overHttp, count, warmUp);
  const told = ({ rate, apiMicros, workerMicros }: typeof http): string =>
    `${rate.toFixed(0)} jobs/s (CPU per job: API ${apiMicros.toFixed(0)} µs, worker ${workerMicros.toFixed(0)} µs)`;
  return {
    name: 'jobs',
    rows: [
      { what: 'BullMQ alone: add in process, QueueEvents', value: `${alone.toFixed(0)} jobs/s` },
      { what: BULLMQ_API.name, value: `${service.toFixed(0)} jobs/s` },
      { what: 'Playhead, mutations over the WebSocket', value: told(webSocket) },
      { what: 'Playhead, mutations over HTTP', value: told(http) },
      { what: 'over HTTP: of BullMQ behind HTTP and ws', value: (http.rate / service).toFixed(2) },
      { what: 'over HTTP: of BullMQ alone', value: (http.rate / alone).toFixed(2) },
      {
        what: 'over the WebSocket: of BullMQ alone',
        value: (webSocket.rate / alone).toFixed(2),
        goal: 'at least 0.7',
        met: webSocket.rate / alone >= 0.7,
      },
    ],
    figures: { alone, service, webSocket, http, inFlight: IN_FLIGHT },
  };
}
