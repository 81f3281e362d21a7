/** The GraphQL schema, code first, from a list of workflows. */
import type { GraphQLSchema } from 'graphql';
import type { Workflows } from '../jobs/definition.ts';
import { addArtifact } from './artifact.ts';
import { createBuilder } from './builder.ts';
import { addEnums } from './enums.ts';
import { addEta } from './eta.ts';
import { addJob } from './job.ts';
import { addJobConnection } from './job-connection.ts';
import { addJobCounts } from './job-counts.ts';
import { addJobError } from './job-error.ts';
import { addJobEvents } from './job-event.ts';
import { addJobHistory } from './job-history.ts';
import { addJobLines } from './job-lines.ts';
import { addResults } from './job-result.ts';
import { addJobStep } from './job-step.ts';
import { addMutations } from './mutation.ts';
import { addPageInfo } from './page-info.ts';
import { addQueries } from './query.ts';
import { addScalars } from './scalars.ts';
import { addSubscription } from './subscription.ts';
import { addTracked } from './tracked.ts';
import { addScope, addViewer } from './viewer.ts';
import { addViewerToken } from './viewer-token.ts';
import { addWebhooks } from './webhook.ts';
import { addWorkflowInfo } from './workflow-info.ts';

/**
 * Makes the schema.
 * @param workflows those to have mutations, inputs and results
 */
export function createSchema(workflows: Workflows): GraphQLSchema {
  const builder = createBuilder();
  addScalars(builder);
  const enums = addEnums(builder, workflows);
  const artifact = addArtifact(builder);
  const results = addResults(builder, workflows, artifact);
  const eta = addEta(builder);
  const taskNames = describeTaskNames(workflows);
  const job = addJob(builder, {
    ...{ artifact, enums, eta, results, taskNames },
    error: addJobError(builder, artifact),
    step: addJobStep(builder, enums),
  });
  const event = addJobEvents(builder, { artifact, enums, eta, job, results, taskNames, workflows });
  const pageInfo = addPageInfo(builder);
  const connection = addJobConnection(builder, job, pageInfo);
  addJobHistory(builder, job, event, pageInfo);
  addJobLines(builder, job);
  const workflowInfo = addWorkflowInfo(builder, enums);
  addQueries(builder, { connection, enums, job, workflowInfo, workflows });
  addJobCounts(builder, enums);
  addMutations(builder, workflows, job);
  addTracked(builder, job);
  addSubscription(builder, event);
  const scope = addScope(builder);
  addViewerToken(builder, scope);
  addViewer(builder, scope);
  addWebhooks(builder);
  // In the order of the definitions, so that documentation and error messages read naturally.
  return builder.toSchema({ sortSchema: false });
}

function describeTaskNames(workflows: Workflows): string {
  const all = [...workflows.values()];
  const batches = all.flatMap(({ batch }) => (batch === null ? [] : [batch.taskName]));
  const names = [...all.map(({ taskName }) => taskName), ...batches];
  return `${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(names)}; of a tracked job, what its task is called.`;
}
