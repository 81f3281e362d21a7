/** update() in a hot loop: how cheap a call is, and how few of them are published. */
import { systemClock } from '../../src/core/clock.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { type Bench, median, PLAYHEAD, Publisher, type Section, silentLogger } from '../driver.ts';

const CALLS = 1_000_000;
const WATCH_MS = 2_000;

export async function publish(bench: Bench): Promise<Section> {
  const publisher = new Publisher(bench, PLAYHEAD);
  await publisher.begin();
  const tracker = new ProgressTracker(publisher.state, {
    log: bench.log,
    clock: systemClock,
    logger: silentLogger,
    onRefused: () => {},
  });
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) {
      tracker.update(call / CALLS, 'processing', 'Generating clips (3/10)', null);
    }
    const { user, system } = process.cpuUsage(before);
    rounds.push(CALLS / ((user + system) / 1e6));
    await new Promise((resolve) => setImmediate(resolve));
  }
  // As in a worker, other work gets its turn between the calls.
  const from = (await bench.log.head(publisher.projectId)).seq;
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < WATCH_MS) {
    for (let call = 0; call < 1_000; call += 1) tracker.update(0.5, 'processing', `at ${call}`, null);
    calls += 1_000;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - start) / 1_000;
  const published = (await bench.log.head(publisher.projectId)).seq - from;
  await tracker.close();
  const callsPerSecond = median(rounds);
  const perSecond = published / seconds;
  return {
    name: 'publish',
    rows: [
      {
        what: 'update() calls per second of CPU',
        value: Math.round(callsPerSecond).toLocaleString('en'),
        goal: 'at least 1,000,000',
        met: callsPerSecond >= 1_000_000,
      },
      {
        what: `events published per second, of ${Math.round(calls / seconds).toLocaleString('en')} calls`,
        value: perSecond.toFixed(1),
        goal: 'at most 10',
        // One immediately, then ten a second.
        met: published <= 10 * seconds + 1,
      },
    ],
    figures: { callsPerSecond, rounds, publishedPerSecond: perSecond },
  };
}
