import { testFaults } from './quick.ts';

testFaults(['lost-subscriber', 'zombies', 'failover', 'cluster-failover']);
