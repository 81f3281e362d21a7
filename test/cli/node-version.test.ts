import { expect, test } from 'vitest';
import { nodeFault } from '../../cli/node-version.ts';

test.each(['22.18.0', '22.19.1', '23.0.0', '24.1.0'])('Node %s is new enough', (version) => {
  expect(nodeFault(version)).toBeNull();
});

test.each(['20.20.2', '22.17.9', '18.0.0'])(
  'Node %s is too old, and that is said with what to do',
  (version) => {
    expect(nodeFault(version)).toBe(
      `expected Node 22.18 or later, received ${version}: install a newer one, as from https://nodejs.org`,
    );
  },
);
