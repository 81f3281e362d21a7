/** The lower bound for ws: each Redis message becomes one prepared buffer, which is sent to every client of its project. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { connectRedis, listen } from './process.mjs';

const server = createServer();
const projects = new Map();
new WebSocketServer({ server }).on('connection', (client) => {
  client.on('error', () => {});
  client.on('message', (data) => {
    const projectId = String(data);
    if (!projects.has(projectId)) projects.set(projectId, new Set());
    projects.get(projectId).add(client);
    client.on('close', () => projects.get(projectId).delete(client));
  });
});
const redis = connectRedis();
await redis.psubscribe('bench:*');
redis.on('pmessageBuffer', (_pattern, channel, message) => {
  for (const client of projects.get(String(channel).slice('bench:'.length)) ?? []) {
    client.send(message, { binary: false });
  }
});
await listen(server);
