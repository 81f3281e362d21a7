/** The usual recipe: graphql-yoga, graphql-ws (set up as in Yoga's documentation) and graphql-redis-subscriptions. */
import { createServer } from 'node:http';
import { RedisPubSub } from 'graphql-redis-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { connectRedis, listen } from './process.mjs';
import { createRedisSchema } from './schema.mjs';

const pubSub = new RedisPubSub({ publisher: connectRedis(), subscriber: connectRedis() });
const yoga = createYoga({ schema: createRedisSchema(pubSub), graphiql: { subscriptionsProtocol: 'WS' } });
const server = createServer((request, response) => void yoga(request, response));
useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  new WebSocketServer({ server, path: yoga.graphqlEndpoint }),
);
await listen(server);
