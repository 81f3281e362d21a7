/** Webhooks on a real Redis: a project's log, a dispatcher as every worker has one, and the commands. */
import { onTestFinished } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { WebhookCommands } from '../../src/webhooks/commands.ts';
import { type DispatcherParts, WebhookDispatcher } from '../../src/webhooks/dispatcher.ts';
import type { WebhookEvent } from '../../src/webhooks/message.ts';
import { WebhookStore } from '../../src/webhooks/webhook-store.ts';
import { createEventPath, type EventPathOptions, JobWriter, SetClock, unique } from '../setup/harness.ts';

export const POLICY = { allowsPrivate: true };
const TURN_MS = 10;
const DAY_MS = 24 * 3_600_000;

export interface HookPathOptions extends EventPathOptions {
  /** Default: one dispatcher runs from the beginning. */
  readonly sends?: boolean;
}

export function createHookPath(options: HookPathOptions = {}) {
  const path = createEventPath(options);
  const { jobs, keys, log, redis } = path;
  const clock = new SetClock();
  const store = new WebhookStore(redis, keys);
  const commands = new WebhookCommands({ store, log, clock, policy: POLICY });
  const projectId = unique('project');
  const dispatch = (more: Partial<DispatcherParts> = {}): WebhookDispatcher => {
    const dispatcher = new WebhookDispatcher({
      ...{ jobs, keys, log, redis, store, clock },
      ...{ logger: silentLogger, retentionMs: 30 * DAY_MS, post: { policy: POLICY }, pauseMs: TURN_MS },
      ...more,
    });
    onTestFinished(() => dispatcher.close());
    return dispatcher;
  };
  if (options.sends !== false) dispatch();
  return {
    ...path,
    ...{ clock, commands, dispatch, projectId, store },
    hook: (url: string, events?: readonly WebhookEvent[]) => commands.create({ projectId, url, events }),
    /** A job that has begun. */
    begin: async (id?: string): Promise<JobWriter> => {
      const writer = new JobWriter(log, projectId, id);
      await writer.create();
      await writer.begin();
      return writer;
    },
    /** The newest delivery of a webhook. */
    newest: async (id: string) => (await commands.deliveries({ projectId, id }, 1))[0],
  };
}

export type HookPath = ReturnType<typeof createHookPath>;

/** A job that runs to its end. */
export async function complete({ begin }: HookPath, id?: string): Promise<string> {
  const writer = await begin(id);
  await writer.complete();
  return writer.state.id;
}
