/** No-op jobs a second, from the mutation through the events to the completion at a client, compared with bare BullMQ. */
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
/** Jobs before anything is measured: until then the compiler is still working on code that a server runs for days. */
const WARM_UP = 6_000;
const WORKER_CONCURRENCY = 16;
/** Queues for the two uses of BullMQ: neither receives the other's events. */
const ALONE = 'alone';
const SERVED = 'served';
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

/** A contender's way of running jobs, opened with a callback for completions. */
interface Road {
  /** @returns the job's id, once it is accepted */
  add(): Promise<string>;
  close(): Promise<void>;
}

type OnCompleted = (id: string) => void;

/** A road with IN_FLIGHT jobs under way. */
class Traffic {
  readonly #completed = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  #road: Road | undefined;

  static async open(open: (onCompleted: OnCompleted) => Promise<Road>): Promise<Traffic> {
    const traffic = new Traffic();
    traffic.#road = await open((id) => {
      traffic.#completed.add(id);
      traffic.#waiting.get(id)?.();
      traffic.#waiting.delete(id);
    });
    return traffic;
  }

  /** @returns jobs per second */
  async run(count: number): Promise<number> {
    const begin = performance.now();
    let left = count;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const id = (await this.#road?.add()) ?? '';
        if (!this.#completed.delete(id)) await new Promise<void>((resolve) => this.#waiting.set(id, resolve));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    this.#completed.clear();
    return count / ((performance.now() - begin) / 1_000);
  }

  async close(): Promise<void> {
    await this.#road?.close();
  }
}

/** Keeps IN_FLIGHT jobs under way, for `count` jobs in each of three rounds. @returns the median of the jobs per second */
export async function drive(
  open: (onCompleted: OnCompleted) => Promise<Road>,
  count: number,
): Promise<number> {
  const traffic = await Traffic.open(open);
  await traffic.run(200);
  const rates: number[] = [];
  for (let round = 0; round < 3; round += 1) rates.push(await traffic.run(count));
  await traffic.close();
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

/** Follows a project. @param onOther receives messages that are not events */
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

/** Mutations over HTTP, as sent by Apollo and urql by default. */
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

/** Mutations over the socket on which the events arrive. */
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
  const queue = new Queue(ALONE, { connection: first, ...options });
  const events = new QueueEvents(ALONE, { connection: second, prefix: bench.prefix });
  await events.waitUntilReady();
  events.on('completed', ({ jobId }) => onCompleted(jobId));
  // It reads from the end of the stream, and events before its first read are lost, even if it reports to be ready.
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

interface Contest {
  readonly name: string;
  readonly processes: readonly Server[];
  readonly traffic: Traffic;
  readonly rates: number[];
  /** CPU time of each process, over all rounds. */
  readonly cpuMicros: number[];
}

async function enter(
  name: string,
  processes: readonly Server[],
  open: (onCompleted: OnCompleted) => Promise<Road>,
  warmUp: number,
): Promise<Contest> {
  const traffic = await Traffic.open(open);
  await traffic.run(warmUp);
  return { name, processes, traffic, rates: [], cpuMicros: processes.map(() => 0) };
}

async function takeTurn({ processes, traffic, rates, cpuMicros }: Contest, count: number): Promise<void> {
  const before = await Promise.all(processes.map((server) => server.usage()));
  rates.push(await traffic.run(count));
  const after = await Promise.all(processes.map((server) => server.usage()));
  for (const [at, { cpuMicros: used }] of after.entries()) {
    cpuMicros[at] = (cpuMicros[at] ?? 0) + used - (before[at]?.cpuMicros ?? 0);
  }
}

/** Alternately, in short rounds, each contender first in turn: the machine's speed changes from minute to minute. */
export async function jobs(bench: Bench): Promise<Section> {
  const [rounds, count, warmUp] = bench.quick ? [3, 500, WARM_UP / 6] : [9, 1_500, WARM_UP];
  const env = { PLAYHEAD_CONCURRENCY: String(WORKER_CONCURRENCY) };
  const [aloneWorker, bareWorker, bareApi, api, worker] = await Promise.all([
    Server.start(bench, BULLMQ_WORKER, { env: { ...env, QUEUE: ALONE } }),
    Server.start(bench, BULLMQ_WORKER, { env: { ...env, QUEUE: SERVED } }),
    Server.start(bench, BULLMQ_API, { env: { QUEUE: SERVED } }),
    Server.start(bench, PLAYHEAD),
    Server.start(bench, PLAYHEAD_WORKER, { env }),
  ]);
  const bare = [bareApi, bareWorker];
  const ours = [api, worker];
  const [one, other] = [new Publisher(bench, PLAYHEAD).projectId, new Publisher(bench, PLAYHEAD).projectId];
  const alone = await enter('BullMQ alone', [], (done) => bullmqAlone(bench, done), warmUp);
  const service = await enter(BULLMQ_API.name, bare, (done) => bullmqService(bareApi, done), warmUp);
  const socket = await enter('WebSocket', ours, (done) => overWebSocket(api, one, done), warmUp);
  const http = await enter('HTTP', ours, (done) => overHttp(api, other, done), warmUp);
  const contests = [alone, service, socket, http];
  for (let round = 0; round < rounds; round += 1) {
    for (const contest of contests) await takeTurn(contest, count);
    contests.push(...contests.splice(0, 1));
  }
  await Promise.all(contests.map(({ traffic }) => traffic.close()));
  await Promise.all([aloneWorker, ...bare, ...ours].map((server) => server.end()));
  const of = (contest: Contest, peer: Contest): number =>
    median(contest.rates.map((rate, round) => rate / (peer.rates[round] ?? Number.NaN)));
  const told = ({ rates, cpuMicros }: Contest): string => {
    const [apiMicros = 0, workerMicros = 0] = cpuMicros.map((micros) => micros / (rounds * count));
    return `${median(rates).toFixed(0)} jobs/s (CPU per job: API ${apiMicros.toFixed(0)} µs, worker ${workerMicros.toFixed(0)} µs)`;
  };
  return {
    name: 'jobs',
    rows: [
      {
        what: 'BullMQ alone: add in process, QueueEvents',
        value: `${median(alone.rates).toFixed(0)} jobs/s`,
      },
      { what: BULLMQ_API.name, value: told(service) },
      { what: 'Playhead, mutations over the WebSocket', value: told(socket) },
      { what: 'Playhead, mutations over HTTP', value: told(http) },
      { what: 'over HTTP: of BullMQ behind HTTP and ws', value: of(http, service).toFixed(2) },
      { what: 'over HTTP: of BullMQ alone', value: of(http, alone).toFixed(2) },
      {
        what: 'over the WebSocket: of BullMQ alone',
        value: of(socket, alone).toFixed(2),
        goal: 'at least 0.7',
        met: of(socket, alone) >= 0.7,
      },
    ],
    figures: {
      inFlight: IN_FLIGHT,
      rates: Object.fromEntries(contests.map(({ name, rates }) => [name, rates])),
    },
  };
}
