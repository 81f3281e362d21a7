/** How many jobs of a project there are in each status. */
import { parseProjectId } from '../jobs/project-id.ts';
import type { JobStatus } from '../progress/state.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';
import { chosen, PROJECT_ID } from './query.ts';

interface StatusCount {
  readonly status: JobStatus;
  readonly count: number;
}

export function addJobCounts(builder: Builder, enums: Enums): void {
  const count = builder.objectRef<StatusCount>('StatusCount').implement({
    description: 'How many jobs have a status.',
    fields: (t) => ({
      status: t.expose('status', { type: enums.jobStatus, description: 'The status.' }),
      count: t.exposeInt('count', { description: 'The number of jobs, 0 or more.' }),
    }),
  });
  builder.queryField('jobCounts', (t) =>
    t.field({
      type: [count],
      description:
        'How many jobs a project has in each status; a batch counts as one, by its own status, and its items do not count. Errors: BAD_USER_INPUT, UNAVAILABLE.',
      args: {
        projectId: t.arg.id({ required: true, description: PROJECT_ID }),
        workflow: t.arg({
          type: [enums.workflow],
          description: 'Only jobs of one of these workflows. Null or an empty list: of any.',
        }),
      },
      resolve: async (_root, { projectId, workflow }, { jobs }) => {
        const found = await jobs.counts(parseProjectId(projectId), chosen(workflow));
        return [...found].map(([status, number]) => ({ status, count: number }));
      },
    }),
  );
}
