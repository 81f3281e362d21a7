/** Mercurius with its own Pub/Sub, fed from one Redis subscription. */
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { connectRedis, ready } from './process.mjs';
import { createSchema } from './schema.mjs';

const app = Fastify();
const subscribe = (projectId, { pubsub }) => pubsub.subscribe(projectId);
await app.register(mercurius, { schema: createSchema(subscribe), subscription: true });
await app.listen({ port: 0, host: '127.0.0.1' });
const redis = connectRedis();
await redis.psubscribe('bench:*');
redis.on('pmessage', (_pattern, channel, message) => {
  app.graphql.pubsub.publish({ topic: channel.slice('bench:'.length), payload: JSON.parse(message) });
});
ready(app.server.address().port);
