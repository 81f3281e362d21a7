/** The event path as in an API process, within this process; the opener must close it. */

import { silentLogger } from '../../../src/core/logger.ts';
import { createChannel } from '../../../src/log/channel.ts';
import { type EventStream, openEventStream, type StreamRequest } from '../../../src/log/event-stream.ts';
import { FeedHub } from '../../../src/log/feed-hub.ts';
import { JobStore } from '../../../src/log/job-store.ts';
import { EventLog } from '../../../src/log/log.ts';
import { closeRedis, connectRedis } from '../../../src/redis/client.ts';
import { createKeys } from '../../../src/redis/keys.ts';
import { WORKFLOWS } from '../../setup/workflows.ts';

/** @param wrap changes the parts that the path reads from Redis with, for example to pause them */
export function openProcess(url: string, wrap: <T extends object>(part: T) => T = (part) => part) {
  const keys = createKeys();
  const redis = connectRedis(url, () => {});
  const subscriber = connectRedis(url, () => {});
  let ready = 0;
  subscriber.on('ready', () => {
    ready += 1;
  });
  const log = wrap(new EventLog(redis, keys));
  const jobs = wrap(new JobStore(redis, keys, WORKFLOWS));
  const channel = wrap(createChannel(subscriber, redis));
  const hub = new FeedHub({ log, channel, subscriber, keys, logger: silentLogger });
  return {
    redis,
    keys,
    log,
    jobs,
    open: (request: Partial<StreamRequest> & { projectId: string }): Promise<EventStream> =>
      openEventStream({ hub, log, jobs }, { snapshot: false, ...request }),
    /** How often the subscriber connection has been established. */
    subscriberReadyCount: () => ready,
    close: async (): Promise<void> => {
      hub.close();
      await Promise.all([redis, subscriber].map(closeRedis));
    },
  };
}
