/** Following one job, by what reads and events tell of it in any order. */
import { expect, test } from 'vitest';
import type { Job } from '../../client/index.ts';
import { followJob, type JobRun } from '../../client/job-run.ts';
import { until } from '../setup/deadline.ts';

const jobOf = (version: number, lastEventId: string): Job =>
  ({ id: 'job', status: 'RUNNING', version, lastEventId, title: 'Film' }) as Job;

type Sink = Parameters<Parameters<typeof followJob>[0]['watch']>[0];

/** A run whose reads give what `answer` is by then. */
function follow(answer: Job) {
  const server = { answer, reads: 0 };
  const sinks: Sink[] = [];
  const run: JobRun = followJob({
    load: async () => {
      server.reads += 1;
      return server.answer;
    },
    watch: (sink) => {
      sinks.push(sink);
      return () => {};
    },
  });
  const states: string[] = [];
  run.onChange(({ version, lastEventId }) => states.push(`${version} ${lastEventId}`));
  const [sink] = sinks;
  if (sink === undefined) throw new Error('expected a subscription');
  return { run, server, sink, states };
}

test('a state that is read and told, or read again, is given once; one of another history is given', async () => {
  const { run, server, sink, states } = follow(jobOf(3, 'a-3'));
  sink.anew();
  await until(() => states.length === 1);
  sink.next({ data: { jobEvents: { job: jobOf(3, 'a-3') } } });
  sink.anew();
  await until(() => server.reads === 2 && run.job !== null);
  sink.next({ data: { jobEvents: { job: jobOf(4, 'a-4') } } });
  expect(states).toEqual(['3 a-3', '4 a-4']);

  server.answer = jobOf(4, 'b-4');
  sink.anew();
  await until(() => states.length === 3);
  expect(states.at(-1)).toBe('4 b-4');
  run.stop();
});
