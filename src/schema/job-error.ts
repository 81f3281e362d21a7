/** Why a job's latest attempt failed. */

import type { JsonObject } from '../core/json.ts';
import type { StoredFile } from '../jobs/contract.ts';
import type { JobState } from '../progress/state.ts';
import type { ArtifactRef } from './artifact.ts';
import type { Builder } from './builder.ts';

/** Includes the job's ids, which say where its files are. */
type JobFailure = NonNullable<JobState['error']> & Pick<JobState, 'id' | 'projectId'>;

export const ERROR_FILES =
  'Files that the attempt has left and the details name under `files`, such as the takes of speech that was NOT_VERIFIED. They are kept as long as the job, unless a retry takes their place.';

export type JobErrorRef = ReturnType<typeof addJobError>;

export function addJobError(builder: Builder, artifact: ArtifactRef) {
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
      artifacts: t.field({
        type: [artifact],
        description: ERROR_FILES,
        resolve: ({ details, id, projectId }) => filesOf(details, `${projectId}/${id}/`),
      }),
      retryAfterSeconds: t.exposeFloat('retryAfterSeconds', {
        nullable: true,
        description:
          'Seconds to wait before trying again, 0 or more, if the provider named a time; otherwise null.',
      }),
    }),
  });
}

/**
 * The files that an error's details name. Only the job's own: details may come from a task elsewhere, which could name
 * anything.
 */
export function filesOf(details: JsonObject | null, folder: string): readonly StoredFile[] {
  const files: unknown = details?.['files'];
  return Array.isArray(files) ? files.filter(isStoredFile).filter(({ path }) => isWithin(path, folder)) : [];
}

function isStoredFile(value: unknown): value is StoredFile {
  const { contentType, name, path, sizeBytes } = Object(value) as Partial<StoredFile>;
  return (
    [contentType, name, path].every((part) => typeof part === 'string') &&
    typeof sizeBytes === 'number' &&
    Number.isSafeInteger(sizeBytes)
  );
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder) && !path.split('/').includes('..');
}
