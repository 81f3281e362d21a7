/** What an item of a batch is doing. */
import type { ProgressStatus } from './events.ts';

/** How an item has ended. */
export type ItemEnd = 'completed' | 'failed' | 'cancelled';
export type ItemStatus = ProgressStatus | ItemEnd;

export function isItemEnd(status: ItemStatus): status is ItemEnd {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
