/** How often Ctrl-C was pressed, told from signals. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { Presses } from '../../cli/interruption.ts';

test('signals close together are one press; a later one, or one behind something else that was done, is another', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const others = process.listeners('SIGINT');
  const counts: number[] = [];
  const presses = new Presses((press) => counts.push(press));
  const [listener] = process.listeners('SIGINT').filter((one) => !others.includes(one));
  const signal = (): void => listener?.('SIGINT');

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
