/** What a project may be called. */
import { badInput } from '../core/errors.ts';

const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Checks a project id.
 * @throws PlayheadError BAD_USER_INPUT
 */
export function parseProjectId(projectId: string, field = 'projectId'): string {
  if (!PROJECT_ID.test(projectId)) {
    throw badInput(field, '1 to 64 letters, digits, _ or -', projectId);
  }
  return projectId;
}
