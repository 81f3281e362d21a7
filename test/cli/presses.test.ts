/** How often Ctrl-C was pressed, told from signals. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { Interruption, Presses } from '../../cli/interruption.ts';
import type { Session } from '../../cli/session.ts';
import type { View } from '../../cli/watch.ts';

/** Sends the process's own listener what a signal would: the test's process may have others. */
function listenerBeyond(others: readonly NodeJS.SignalsListener[]): () => void {
  const [listener] = process.listeners('SIGINT').filter((one) => !others.includes(one));
  return () => listener?.('SIGINT');
}

test('signals close together are one press; a later one, or one behind something else that was done, is another', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const others = process.listeners('SIGINT');
  const counts: number[] = [];
  const presses = new Presses((press) => counts.push(press));
  const signal = listenerBeyond(others);

  signal();
  vi.advanceTimersByTime(10);
  signal();
  expect(counts).toEqual([1]);
  vi.advanceTimersByTime(600);
  signal();
  signal();
  expect(counts).toEqual([1, 2]);
  presses.settle();
  signal();
  expect(counts).toEqual([1, 2, 3]);
  presses.close();
  expect(process.listeners('SIGINT')).toEqual(others);
});

test('a signal that npm hands on late, while it is asked whether to cancel the job, is no second press', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  onTestFinished(() => exit.mockRestore());
  const { promise: answer, resolve: give } = Promise.withResolvers<boolean | null>();
  const confirm = vi.fn(() => answer);
  const others = process.listeners('SIGINT');
  const interruption = new Interruption({
    session: { isInteractive: true, confirm } as unknown as Session,
    jobId: 'job',
    view: { pause: () => {}, resume: () => {} } as View,
  });
  const signal = listenerBeyond(others);

  signal();
  vi.advanceTimersByTime(60_000);
  signal();
  expect([confirm.mock.calls.length, exit.mock.calls]).toEqual([1, []]);
  give(false);
  await vi.waitFor(() => expect(interruption.signal.aborted).toBe(true));
  // What comes behind the answer is a press of its own.
  signal();
  expect(exit.mock.calls).toEqual([[130]]);
  interruption.close();
});
