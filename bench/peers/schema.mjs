/** The event types of schema.graphql in plain graphql-js, over graphql-redis-subscriptions, as served by the recipes. */
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
} from 'graphql';
import { channelOf } from './process.mjs';

const required = (type) => ({ type: new GraphQLNonNull(type) });
const json = new GraphQLScalarType({ name: 'JSON' });
const common = {
  id: required(GraphQLID),
  projectId: required(GraphQLID),
  jobId: required(GraphQLID),
  taskName: required(GraphQLString),
  attempt: required(GraphQLInt),
  timestamp: required(GraphQLString),
};
const event = new GraphQLInterfaceType({ name: 'Event', fields: common });
const progressEvent = new GraphQLObjectType({
  name: 'ProgressEvent',
  interfaces: [event],
  fields: {
    ...common,
    progress: required(GraphQLFloat),
    progressPercent: { ...required(GraphQLInt), resolve: ({ progress }) => Math.round(progress * 100) },
    status: required(GraphQLString),
    step: { type: GraphQLString },
    message: required(GraphQLString),
    metadata: { type: json },
  },
});
const errorEvent = new GraphQLObjectType({
  name: 'ErrorEvent',
  interfaces: [event],
  fields: { ...common, error: required(GraphQLString), willRetry: required(GraphQLBoolean) },
});
const jobEvent = new GraphQLUnionType({
  name: 'JobEvent',
  types: [progressEvent, errorEvent],
  resolveType: ({ type }) => type,
});

/** @param subscribe a function (projectId) => async iterable of events */
export function createSchema(subscribe) {
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { ok: { type: GraphQLBoolean } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        jobEvents: {
          type: new GraphQLNonNull(jobEvent),
          args: { projectId: required(GraphQLID), label: { type: GraphQLString } },
          subscribe: (_root, { projectId }, context) => subscribe(projectId, context),
          resolve: (payload) => payload,
        },
      },
    }),
  });
}

/** As in the README of graphql-redis-subscriptions. */
export function createRedisSchema(pubSub) {
  return createSchema((projectId) => pubSub.asyncIterableIterator(channelOf(projectId)));
}
