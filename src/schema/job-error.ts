/** Why a job's latest attempt failed. */
import type { JobState } from '../progress/state.ts';
import type { Builder } from './builder.ts';

type JobFailure = NonNullable<JobState['error']>;

export type JobErrorRef = ReturnType<typeof addJobError>;

export function addJobError(builder: Builder) {
  return builder.objectRef<JobFailure>('JobError').implement({
    description: 'Why the latest attempt of a job failed, or that it was cancelled.',
    fields: (t) => ({
      message: t.exposeString('message', { description: 'What went wrong, in one English sentence.' }),
      code: t.exposeString('code', {
        description:
          'CANCELLED, TIMED_OUT, INVALID_INPUT, PROVIDER_FAILED, TOOL_MISSING, STORAGE_FAILED, WORKER_LOST or INTERNAL; see docs/errors.md. New codes may be added.',
      }),
      details: t.expose('details', {
        type: 'JSON',
        nullable: true,
        description:
          'Facts for a program, as an object whose keys depend on the code; null when there are none.',
      }),
      retryAfterSeconds: t.exposeFloat('retryAfterSeconds', {
        nullable: true,
        description:
          'Seconds to wait before trying again, 0 or more, if the provider named a time; otherwise null.',
      }),
    }),
  });
}
