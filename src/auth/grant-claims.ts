/** The claims `projects` and `scope`, as tokens carry them and as an operator writes them. */
import { z } from 'zod';
import { type Grant, SCOPES, type Scope } from './viewer.ts';

const projectId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
/** A token is sent with every request: for more projects than this, an admin's token is better. */
const MAX_PROJECTS = 200;

const projectList = z.array(projectId).min(1).max(MAX_PROJECTS);
const projects = z
  .union([z.literal('*'), z.tuple([z.literal('*')]), projectList, projectId])
  .transform((value): Grant['projects'] => {
    if (value === '*' || value[0] === '*') return '*';
    return typeof value === 'string' ? [value] : value;
  });

/** Foreign words (`openid`, `email`) may be among them. RFC 8693 has a text with spaces; some issuers send a list. */
const scope = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? value.split(' ') : value))
  .transform((words) => SCOPES.findLast((name) => words.includes(name)))
  .pipe(z.enum(SCOPES));

const claims = z
  .object({ projects, scope })
  .refine(({ projects: given, scope: highest }) => given !== '*' || highest === 'admin');

/**
 * Reads the claims of a token: `projects` (a list of ids, one id, or `*` with the scope admin) and `scope` (`report`,
 * `read`, `write`, `admin`; a text with spaces or a list).
 * @returns null when they are missing or malformed
 */
export function readGrantClaims(payload: unknown): { projects: Grant['projects']; scope: Scope } | null {
  const parsed = claims.safeParse(payload);
  return parsed.success ? parsed.data : null;
}
