/** Schemas for what inputs and results may hold besides plain data: files and other jobs. */
import { z } from 'zod';

/** Marks in a JSON Schema that the clients' forms and results rely on. */
export const ARTIFACT_MARK = 'x-playhead-artifact';
export const JOB_MARK = 'x-playhead-job';

/**
 * A file that the job keeps, as returned by `run.files.save`. In GraphQL: Artifact.
 * @param contentType for example `video/mp4`; informative, not checked
 */
export function artifact(contentType = 'application/octet-stream') {
  return z
    .object({ name: z.string(), path: z.string(), contentType: z.string(), sizeBytes: z.number() })
    .meta({ [ARTIFACT_MARK]: contentType });
}

/**
 * The id of another job of the same project. In GraphQL: ID. `admit` must check that the job exists.
 * @param workflow whose jobs a form offers; default: all workflows
 */
export function jobId(workflow?: string) {
  return z
    .string({ error: 'expected the id of a job' })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'expected the id of a job' })
    .meta({ [JOB_MARK]: workflow ?? '*' });
}
