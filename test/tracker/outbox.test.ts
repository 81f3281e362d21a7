/** When the outbox sends what, in simulated time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Task } from '../../src/tracker/task.ts';
import { TransportError } from '../../src/tracker/transport.ts';
import { type Fate, Simulation } from './simulated-server.ts';

const away = (): Fate => ({ delayMs: 3, what: 'away' });
const answered = (): Fate => ({ delayMs: 3, what: 'answered' });

test('the first report goes at once, and then the newest, ten times a second', () => {
  const simulation = new Simulation();
  const task = simulation.open('a');
  simulation.pass(10);
  for (let call = 1; call <= 3_000; call += 1) {
    simulation.say(task, call / 3_000);
    simulation.pass(1);
  }
  simulation.pass(200);
  expect(simulation.sentAt.get('a')?.[0]).toBe(10);
  expect(simulation.sentAt.get('a')).toHaveLength(31);
  expect(simulation.jobs.get('a')?.progress).toBe(1);
});

test('a thousand jobs at ten reports a second go out in few requests', () => {
  const simulation = new Simulation();
  const tasks = Array.from({ length: 1_000 }, (_, index) => simulation.open(`job ${index}`));
  simulation.pass(1_000);
  const before = simulation.requests;
  for (let ms = 0; ms < 2_000; ms += 25) {
    for (const task of tasks) simulation.say(task, ms / 2_000);
    simulation.pass(25);
  }
  // 200 in each: five requests a round, ten rounds a second.
  expect(simulation.requests - before).toBeLessThanOrEqual(5 * 21);
  for (const times of simulation.sentAt.values()) expect(times.length).toBeGreaterThanOrEqual(19);
});

test('silent jobs share one heartbeat, and keep their leases', () => {
  const simulation = new Simulation();
  for (let index = 0; index < 150; index += 1) simulation.open(`job ${index}`, 30);
  simulation.pass(1_000);
  const before = simulation.requests;
  simulation.pass(300_000);
  expect(simulation.requests - before).toBeLessThanOrEqual(31);
  expect([...simulation.jobs.values()].filter(({ isLost }) => isLost)).toEqual([]);
});

test('an ending takes along what was reported last, and nothing follows it', () => {
  const simulation = new Simulation();
  const task = simulation.open('a');
  simulation.pass(10);
  simulation.say(task, 0.2);
  simulation.say(task, 0.7);
  simulation.end(task);
  simulation.say(task, 0.9);
  simulation.pass(60_000);
  expect(simulation.jobs.get('a')).toMatchObject({ progress: 0.7, endings: 1 });
  expect(simulation.outbox.size).toBe(0);
  expect(simulation.outbox.dueAt()).toBe(Infinity);
});

test('what is reported and ended before the server has answered to trackJob is sent afterwards', () => {
  const simulation = new Simulation();
  simulation.fate = () => ({ delayMs: 500, what: 'answered' });
  const task = simulation.open('a');
  simulation.say(task, 0.4);
  simulation.end(task);
  simulation.pass(2_000);
  expect(simulation.jobs.get('a')).toMatchObject({ progress: 0.4, endings: 1 });
});

test('ten minutes without a server lose no ending, though the leases ran out, and cost few requests', () => {
  const simulation = new Simulation();
  const tasks = Array.from({ length: 50 }, (_, index) => simulation.open(`job ${index}`));
  simulation.pass(100);
  simulation.fate = away;
  for (const [index, task] of tasks.entries()) {
    simulation.say(task, 0.5);
    if (index < 40) simulation.end(task);
  }
  const late = simulation.open('late');
  simulation.end(late);
  const before = simulation.requests;
  simulation.pass(600_000);
  expect(simulation.requests - before).toBeLessThan(250);
  simulation.fate = answered;
  simulation.pass(10_000);
  const ended = [...simulation.jobs.values()].filter(({ endings }) => endings === 1);
  expect(ended).toHaveLength(41);
  // Those that go on have the job again, as its next attempt.
  expect(simulation.jobs.get('job 45')).toMatchObject({
    attempt: 2,
    isLost: false,
    progress: 0.5,
    endings: 0,
  });
  expect(simulation.events.filter(({ type }) => type === 'stopped' || type === 'refused')).toEqual([]);
});

test('a server that says when to come again is not asked before', () => {
  const simulation = new Simulation();
  const task = simulation.open('a');
  simulation.pass(10);
  const busy = new TransportError('RATE_LIMITED', 'too much', { isPassing: true, retryAfterMs: 30_000 });
  simulation.refuse = () => busy;
  simulation.say(task, 0.5);
  simulation.pass(10);
  const before = simulation.requests;
  simulation.refuse = () => null;
  simulation.pass(29_000);
  expect(simulation.requests).toBe(before);
  simulation.pass(2_000);
  expect(simulation.jobs.get('a')?.progress).toBe(0.5);
});

test('another attempt elsewhere stops the task', () => {
  const simulation = new Simulation();
  const task = simulation.open('a');
  simulation.pass(10);
  simulation.open('a');
  simulation.pass(10);
  simulation.say(task, 0.5);
  simulation.pass(10);
  expect(simulation.events.at(-1)).toMatchObject({ type: 'stopped', stop: 'LOST' });
  expect(task.phase).toBe('over');
});

test('a report that the server will never take is dropped alone; its task goes on, and others go out', () => {
  const simulation = new Simulation();
  const tasks = Array.from({ length: 20 }, (_, index) => simulation.open(`job ${index}`));
  simulation.pass(50);
  const never = new TransportError('BAD_USER_INPUT', 'no', { isPassing: false });
  simulation.refuse = ({ progress }) => (progress === 0.13 ? never : null);
  for (const [index, task] of tasks.entries()) simulation.say(task, index === 7 ? 0.13 : 0.5);
  simulation.pass(1_000);
  const refused = simulation.events.filter(({ type }) => type === 'refused');
  expect(refused.map(({ task }) => task.request.externalId)).toEqual(['job 7']);
  expect([...simulation.jobs.values()].filter(({ progress }) => progress === 0.5)).toHaveLength(19);
  for (const task of tasks) simulation.end(task);
  simulation.pass(1_000);
  expect([...simulation.jobs.values()].filter(({ endings }) => endings === 1)).toHaveLength(20);
});

/** What may happen between two moments. */
const happening = fc.record({
  job: fc.integer({ min: 0, max: 3 }),
  what: fc.constantFrom('say', 'say', 'say', 'end', 'nothing'),
  thenMs: fc.constantFrom(0, 1, 40, 130, 2_000, 45_000),
});
const fates = fc.array(
  fc.record({
    delayMs: fc.constantFrom(1, 20, 300),
    what: fc.constantFrom<Fate['what']>('answered', 'answered', 'answered', 'lost', 'away'),
  }),
  { minLength: 1, maxLength: 60, size: 'max' },
);

test('whatever is lost or late, the newest progress and exactly one ending arrive, ten reports a second at most', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60, size: 'max' }), fates, (happenings, plan) => {
      const simulation = new Simulation();
      let at = 0;
      simulation.fate = () => plan[at++] ?? answered();
      const tasks = Array.from({ length: 4 }, (_, index) => simulation.open(`job ${index}`));
      const said = tasks.map(() => 0);
      for (const [index, { job, what, thenMs }] of happenings.entries()) {
        const task = tasks[job];
        if (what === 'end') simulation.end(task as Task);
        if (what === 'say' && task?.isHeard === true) {
          said[job] = (index + 1) / 61;
          simulation.say(task, said[job] ?? 0);
        }
        simulation.pass(thenMs);
      }
      simulation.pass(700_000);
      for (const [index, task] of tasks.entries()) check(simulation, task, said[index] ?? 0);
      expect(simulation.outbox.size).toBe(tasks.filter(({ ending }) => ending === null).length);
    }),
    { numRuns: 150 },
  );
});

function check({ jobs, sentAt }: Simulation, { ending, request }: Task, said: number): void {
  const job = jobs.get(request.externalId);
  expect(job).toMatchObject({ isLost: false, endings: ending === null ? 0 : 1 });
  // A later attempt begins at 0, with what had not arrived of the one before.
  if (job?.attempt === 1) expect(job.progress).toBe(said);
  const times = sentAt.get(request.externalId) ?? [];
  for (const time of times) {
    const inOneSecond = times.filter((other) => other >= time && other < time + 1_000);
    expect(inOneSecond.length).toBeLessThanOrEqual(11);
  }
}
