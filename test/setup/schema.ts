/** The schema of the default configuration. */
import { createSchema } from '../../src/schema/index.ts';
import { WORKFLOWS } from './workflows.ts';

export const schema = createSchema(WORKFLOWS);
