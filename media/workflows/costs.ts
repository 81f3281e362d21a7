/** The cost field that several results share. */
import { z } from 'zod';

export const totalCostUsd = z
  .number()
  .describe('Total that the providers reported, in US dollars, 0 or more; 0 if all work was local.');
