/** Job.lines: what a job's steps, and their programs and providers, have said. */
import { LINE_LEVELS } from '../core/step-lines.ts';
import { type KeptLine, MAX_LINE_CHARS, MAX_LINES } from '../progress/job-line.ts';
import type { Builder } from './builder.ts';
import type { JobRef } from './job.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, parsePageSize } from './page-info.ts';

/** Adds the field to Job. */
export function addJobLines(builder: Builder, job: JobRef): void {
  const line = builder.objectRef<KeptLine>('JobLine').implement({
    description: 'Something that a step of a job, or a program or provider that it used, has said.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Opaque; grows from line to line of one job.' }),
      timestamp: t.field({
        type: 'DateTime',
        description: 'When it was said; of a program or call, when it ended.',
        resolve: ({ at }) => at,
      }),
      attempt: t.exposeInt('attempt', { description: 'The attempt, 1 for the first.' }),
      step: t.exposeString('step', {
        description: 'Name of the step that was under way; empty before the first.',
      }),
      level: t.exposeString('level', {
        description: `How grave it is: ${LINE_LEVELS.map((level) => `"${level}"`).join(', ')}.`,
      }),
      source: t.exposeString('source', {
        nullable: true,
        description:
          'The program, media task or provider that it is about, for example `ffmpeg`; null: the step itself has said it.',
      }),
      text: t.exposeString('text', {
        description: `At most ${MAX_LINE_CHARS} characters, secrets taken out. Empty where a program had nothing to say.`,
      }),
      durationMs: t.exposeFloat('durationMs', {
        nullable: true,
        description: 'How long the program or call took, in milliseconds; null: the line is about none.',
      }),
    }),
  });
  builder.objectField(job, 'lines', (t) =>
    t.field({
      type: [line],
      description: `What the job’s steps, their programs and providers have said, oldest first: at most the newest ${MAX_LINES} lines, kept as long as the job. Of a batch, of a tracked job, and where the credential may not write: none. As of now, also through an event. Errors: BAD_USER_INPUT, UNAVAILABLE.`,
      args: {
        first: t.arg.int({
          description: `How many at most, 1..${MAX_PAGE_SIZE}; default ${DEFAULT_PAGE_SIZE}.`,
        }),
        after: t.arg.id({ description: 'Id of a line of this job: only lines after it.' }),
      },
      resolve: ({ id: jobId, projectId }, { after, first }, { linesOf }) =>
        linesOf({ projectId, jobId, after: after || null, limit: parsePageSize(first) }),
    }),
  );
}
