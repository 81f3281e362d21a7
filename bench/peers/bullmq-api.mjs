/** Bare BullMQ as a service: a POST adds a job, and a WebSocket announces each completed job. */
import { createServer } from 'node:http';
import { Queue, QueueEvents } from 'bullmq';
import { WebSocketServer } from 'ws';
import { connectRedis, listen } from './process.mjs';

const prefix = process.env.PLAYHEAD_PREFIX;
const queue = new Queue(process.env.QUEUE, {
  connection: connectRedis({ maxRetriesPerRequest: null }),
  prefix,
  defaultJobOptions: { removeOnComplete: true },
});
const events = new QueueEvents(process.env.QUEUE, {
  connection: connectRedis({ maxRetriesPerRequest: null }),
  prefix,
});
await events.waitUntilReady();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    queue.add('nothing', JSON.parse(body)).then(
      ({ id }) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
      },
      (error) => response.writeHead(500).end(String(error)),
    );
  });
});
const clients = new Set();
new WebSocketServer({ server }).on('connection', (client) => {
  clients.add(client);
  client.on('close', () => clients.delete(client));
});
events.on('completed', ({ jobId }) => {
  for (const client of clients) client.send(JSON.stringify({ jobId, type: 'completed' }));
});
// Events before the first read of QueueEvents are lost, even if it reports to be ready.
await new Promise((resolve) => setTimeout(resolve, 1_000));
await listen(server);
