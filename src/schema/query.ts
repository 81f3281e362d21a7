/** The queries. */
import { parseProjectId } from '../jobs/enqueue.ts';
import { builder } from './builder.ts';
import { JobStatusEnum, WorkflowEnum } from './enums.ts';
import { JobRef } from './job.ts';
import { DEFAULT_PAGE_SIZE, JobConnectionRef, MAX_PAGE_SIZE, readJobPage } from './job-connection.ts';
import { listWorkflows, WorkflowInfoRef } from './workflow-info.ts';

const PROJECT_ID = 'The project: 1 to 64 of letters, digits, `_` and `-`.';

builder.queryType({
  description: 'What can be read.',
  fields: (t) => ({
    job: t.field({
      type: JobRef,
      nullable: true,
      description:
        'The snapshot of one job; null when this project has no such job (any more). Errors: BAD_USER_INPUT, RECORD_DAMAGED, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        id: t.arg.id({ required: true, description: 'Id of the job.' }),
      },
      resolve: (_root, { projectId, id }, { jobs }) => jobs.load(parseProjectId(projectId), id),
    }),
    jobs: t.field({
      type: JobConnectionRef,
      description:
        'The jobs of a project, newest first, page by page (Relay connection). A batch is one entry; its items are in Job.items. A project without jobs has an empty page. Errors: BAD_USER_INPUT, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        status: t.arg({
          type: [JobStatusEnum],
          description:
            'Only jobs in one of these statuses. FAILED also finds the batches of which an item has failed, whatever their own status, unless `items` lists those items themselves. Null or an empty list: in any.',
        }),
        workflow: t.arg({
          type: [WorkflowEnum],
          description: 'Only jobs of one of these workflows. Null or an empty list: of any.',
        }),
        items: t.arg.boolean({
          defaultValue: false,
          description:
            'Whether the items of batches are listed too, each as a job of its own; for example to find every FAILED job.',
        }),
        first: t.arg.int({
          description: `Length of the page, 1..${MAX_PAGE_SIZE}; default ${DEFAULT_PAGE_SIZE}.`,
        }),
        after: t.arg.string({
          description:
            'Opaque cursor of this list (edges.cursor or pageInfo.endCursor): only jobs behind it, that is older ones.',
        }),
      },
      resolve: (_root, { projectId, status, workflow, items, first, after }, { jobs }) =>
        readJobPage(jobs, parseProjectId(projectId), {
          statuses: chosen(status),
          workflows: chosen(workflow),
          items: items ?? false,
          first,
          after,
        }),
    }),
    workflows: t.field({
      type: [WorkflowInfoRef],
      description: 'Every workflow with its steps and their ranges.',
      resolve: () => listWorkflows(),
    }),
  }),
});

/** An empty list is a filter in which nothing has been ticked: it filters nothing. */
function chosen<T>(values: readonly T[] | null | undefined): readonly T[] | undefined {
  return values == null || values.length === 0 ? undefined : values;
}
