/** What several results say of money. */
import { z } from 'zod';

export const totalCostUsd = z
  .number()
  .describe('Sum of what the providers reported, in US dollars, 0 or more; 0 when all work was local.');
