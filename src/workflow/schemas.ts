/** Schemas for what inputs and results hold besides plain data: files, and other jobs. */
import { z } from 'zod';

/** Marks in a JSON Schema; the clients' forms and results go by them. */
export const ARTIFACT_MARK = 'x-playhead-artifact';
export const JOB_MARK = 'x-playhead-job';

/**
 * A file that the job keeps, as `run.files.save` gives it. In GraphQL: Artifact.
 * @param contentType what it is, for example `video/mp4`; for readers, it is not checked
 */
export function artifact(contentType = 'application/octet-stream') {
  return z
    .object({ name: z.string(), path: z.string(), contentType: z.string(), sizeBytes: z.number() })
    .meta({ [ARTIFACT_MARK]: contentType });
}

/**
 * The id of another job of the same project. In GraphQL: ID. That there is such a job is for `admit` to see.
 * @param workflow the jobs that a form offers; default: all
 */
export function jobId(workflow?: string) {
  return z
    .string({ error: 'expected the id of a job' })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'expected the id of a job' })
    .meta({ [JOB_MARK]: workflow ?? '*' });
}
