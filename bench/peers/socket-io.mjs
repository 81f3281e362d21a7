/** Socket.IO: one room per project, fed from one Redis subscription. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { connectRedis, listen } from './process.mjs';

const server = createServer();
const io = new Server(server, { transports: ['websocket'] });
io.on('connection', (socket) => {
  socket.on('subscribe', (projectId) => socket.join(projectId));
});
const redis = connectRedis();
await redis.psubscribe('bench:*');
redis.on('pmessage', (_pattern, channel, message) => {
  io.to(channel.slice('bench:'.length)).emit('event', JSON.parse(message));
});
await listen(server);
