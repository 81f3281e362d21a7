/** The queries. */

import type { Workflows } from '../jobs/definition.ts';
import { parseProjectId } from '../jobs/project-id.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';
import type { JobRef } from './job.ts';
import { type JobConnectionRef, readJobPage } from './job-connection.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './page-info.ts';
import type { WorkflowInfoRef } from './workflow-info.ts';

interface QueryParts {
  readonly connection: JobConnectionRef;
  readonly enums: Enums;
  readonly job: JobRef;
  readonly workflowInfo: WorkflowInfoRef;
  readonly workflows: Workflows;
}

export const PROJECT_ID = 'The project: 1 to 64 letters, digits, `_` or `-`.';

export function addQueries(builder: Builder, parts: QueryParts): void {
  const { connection, enums, job, workflowInfo, workflows } = parts;
  builder.queryType({
    description: 'What can be read.',
    fields: (t) => ({
      job: t.field({
        type: job,
        nullable: true,
        description:
          'The snapshot of one job; null if this project has no such job, or no longer has it. Errors: BAD_USER_INPUT, RECORD_DAMAGED, UNAVAILABLE.',
        args: {
          projectId: t.arg.id({ required: true, description: PROJECT_ID }),
          id: t.arg.id({ required: true, description: 'Id of the job.' }),
        },
        resolve: (_root, { projectId, id }, { jobs }) => jobs.load(parseProjectId(projectId), id),
      }),
      jobs: t.field({
        type: connection,
        description:
          'The jobs of a project, newest first, page by page (Relay connection). A batch is one entry; its items are in Job.items. A project without jobs has an empty page. Errors: BAD_USER_INPUT, UNAVAILABLE.',
        args: {
          projectId: t.arg.id({ required: true, description: PROJECT_ID }),
          status: t.arg({
            type: [enums.jobStatus],
            description:
              'Only jobs with one of these statuses. FAILED also finds batches with a failed item, whatever their own status, unless `items` lists those items themselves. Null or an empty list: any status.',
          }),
          workflow: t.arg({
            type: [enums.workflow],
            description: 'Only jobs of one of these workflows. Null or an empty list: of any.',
          }),
          items: t.arg.boolean({
            defaultValue: false,
            description:
              'Whether the items of batches are listed too, each as a job; for example, to find every FAILED job.',
          }),
          search: t.arg.string({
            description:
              'Only jobs that have this text in their title, id, error (message and code) or, where the credential may write, in a value of their input: at most 200 characters, letters A to Z in either case. Null or blank: any.',
          }),
          createdFrom: t.arg({
            type: 'DateTime',
            description: 'Only jobs that were created then or later.',
          }),
          createdBefore: t.arg({ type: 'DateTime', description: 'Only jobs that were created before.' }),
          first: t.arg.int({
            description: `Length of the page, 1..${MAX_PAGE_SIZE}; default ${DEFAULT_PAGE_SIZE}.`,
          }),
          after: t.arg.string({
            description:
              'Opaque cursor of this list (edges.cursor or pageInfo.endCursor): only jobs after it in the list, that is, older ones.',
          }),
        },
        resolve: (
          _root,
          { projectId, status, workflow, items, createdFrom, createdBefore, ...page },
          { jobs },
        ) =>
          readJobPage(jobs, parseProjectId(projectId), {
            ...page,
            statuses: chosen(status),
            workflows: chosen(workflow),
            items: items ?? false,
            createdFrom: createdFrom ?? undefined,
            createdBefore: createdBefore ?? undefined,
          }),
      }),
      workflows: t.field({
        type: [workflowInfo],
        description: 'Every workflow: its steps and their ranges, its input and its result.',
        resolve: () => [...workflows.values()],
      }),
    }),
  });
}

/** An empty list is a filter with nothing ticked, which filters nothing. */
export function chosen<T>(values: readonly T[] | null | undefined): readonly T[] | undefined {
  return values == null || values.length === 0 ? undefined : values;
}
