/** A process under measurement whose trackers are each updated 50 times a second. WAY: `redis` or `http`. */
import { silentLogger } from '../src/core/logger.ts';
import { TrackerConnection } from '../src/tracker/connection.ts';
import { HttpApi } from '../src/tracker/http-api.ts';
import { HttpTransport } from '../src/tracker/http-transport.ts';
import { RedisTransport } from '../src/tracker/redis-transport.ts';
import type { TrackerTransport } from '../src/tracker/transport.ts';
import { reportReady } from './measured-process.ts';

const { API_URL = '', JOBS = '', PLAYHEAD_PREFIX = '', REDIS_URL = '', WAY = '' } = process.env;
const MESSAGE = 'Generating clips (3/10)';
const METADATA = { current_clip: 3, total_clips: 10 };
let reports = 0;
/** The number of accepted reports. */
const counters = (): Readonly<Record<string, number>> => ({ reports });

await reportTogether(openTransport(), Number(JOBS));

function openTransport(): TrackerTransport {
  if (WAY === 'http') return new HttpTransport(new HttpApi({ url: API_URL }));
  return new RedisTransport({
    ...{ redis: REDIS_URL, prefix: PLAYHEAD_PREFIX, logLength: undefined },
    logger: silentLogger,
  });
}

async function reportTogether(transport: TrackerTransport, count: number): Promise<void> {
  const report = transport.report.bind(transport);
  transport.report = async (sent) => {
    const answers = await report(sent);
    reports += answers.filter((answer) => 'accepted' in answer && answer.accepted).length;
    return answers;
  };
  const playhead = new TrackerConnection({ transport, logger: console as never, openingWaitMs: 60_000 });
  const trackers = await Promise.all(
    Array.from({ length: count }, () => playhead.track({ projectId: 'bench', taskName: 'together' })),
  );
  let round = 0;
  setInterval(() => {
    round += 1;
    for (const tracker of trackers) {
      tracker.update((round % 100_000) / 100_000, 'processing', MESSAGE, METADATA);
    }
  }, 20);
  reportReady(0, counters);
}
