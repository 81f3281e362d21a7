/** The faults that mostly wait, run concurrently. */
import { testFaults } from './quick.ts';

const WAITING = [
  'lost-subscriber',
  'lost-worker',
  'silent-worker',
  'zombies',
  'webhooks',
  'failover',
  'cluster-failover',
];

testFaults(WAITING, 'at once');
