/** The GraphQL schema, code first. Loads the modules that add its types, and nothing else. */
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import './scalars.ts';
import './enums.ts';
import './job.ts';
import './job-event.ts';
import './job-connection.ts';
import './workflow-info.ts';
import './inputs.ts';
import './query.ts';
import './mutation.ts';
import './subscription.ts';
import './viewer-token.ts';
import './viewer.ts';

// In the order of the definitions, so that documentation and error messages read naturally.
export const schema: GraphQLSchema = builder.toSchema({ sortSchema: false });
