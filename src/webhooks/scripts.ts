/** The scripts of webhooks, one file in scripts/ for each operation, with the names of their keys and arguments. */
import { luaBeside, Script } from '../redis/script.ts';

const read = luaBeside(import.meta.url);

/** Adds a webhook. The webhook's fields follow the named arguments. @returns 1; 0: the project has as many as it may */
export const CREATE_WEBHOOK = new Script({
  name: 'playheadCreateWebhook',
  keys: ['webhooksKey', 'settingsKey'],
  args: ['id', 'now', 'most'],
  lua: read('create'),
});

/** Enables a disabled webhook again. @returns 1; 0: there is none */
export const ENABLE_WEBHOOK = new Script({
  name: 'playheadEnableWebhook',
  keys: ['settingsKey', 'dueKey'],
  args: ['now'],
  lua: read('enable'),
});

/** Makes deliveries of a stretch of the log. @returns how many; -1: another sender already has */
export const TAKE_DELIVERIES = new Script({
  name: 'playheadTakeDeliveries',
  keys: ['settingsKey', 'waitingKey', 'dueKey', 'deliveriesKey', 'recordsKey', 'bodiesKey'],
  args: ['from', 'to', 'readUntil', 'now'],
  lua: read('take'),
});

/** Records what became of an attempt. @returns 1; 0: it is no longer of interest */
export const SETTLE_DELIVERY = new Script({
  name: 'playheadSettleDelivery',
  keys: ['settingsKey', 'waitingKey', 'dueKey', 'deliveriesKey', 'finishedKey', 'recordsKey', 'bodiesKey'],
  args: [
    'id',
    'jobId',
    'expected',
    'record',
    'outcome',
    'now',
    'again',
    'pausedUntil',
    'disabledReason',
    'keep',
    'forgetBefore',
  ],
  lua: read('settle'),
});

/** Removes an unreadable delivery from those that wait. */
export const DROP_DELIVERY = new Script({
  name: 'playheadDropDelivery',
  keys: ['waitingKey', 'dueKey'],
  args: ['jobId', 'member'],
  lua: read('drop'),
});

/** Sends a delivery again. @returns 1; 0: it has changed since it was read */
export const REDELIVER = new Script({
  name: 'playheadRedeliver',
  keys: ['settingsKey', 'waitingKey', 'dueKey', 'deliveriesKey', 'finishedKey', 'recordsKey'],
  args: ['id', 'jobId', 'expected', 'record', 'now'],
  lua: read('redeliver'),
});
