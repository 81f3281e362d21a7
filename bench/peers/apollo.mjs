/** Apollo Server 5 with graphql-ws, with subscriptions set up as in Apollo's documentation. */
import { createServer } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { connectRedis, listen } from './process.mjs';
import { createRedisSchema } from './schema.mjs';

const pubSub = new RedisPubSub({ publisher: connectRedis(), subscriber: connectRedis() });
const schema = createRedisSchema(pubSub);
const httpServer = createServer();
useServer({ schema }, new WebSocketServer({ server: httpServer, path: '/graphql' }));
const apollo = new ApolloServer({ schema, plugins: [ApolloServerPluginDrainHttpServer({ httpServer })] });
await apollo.start();
await listen(httpServer);
