/** graphql-ws with plain graphql-js, over graphql-redis-subscriptions. */
import { createServer } from 'node:http';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { connectRedis, listen } from './process.mjs';
import { createRedisSchema } from './schema.mjs';

const pubSub = new RedisPubSub({ publisher: connectRedis(), subscriber: connectRedis() });
const server = createServer();
useServer({ schema: createRedisSchema(pubSub) }, new WebSocketServer({ server, path: '/graphql' }));
await listen(server);
