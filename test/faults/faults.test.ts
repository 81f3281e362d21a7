/** The faults that keep the machine busy; those that mostly wait are in waiting.test.ts, alongside. */
import { testFaults } from './quick.ts';

testFaults(
  ['kill', 'rollback', 'absence', 'resumes', 'lost-ending', 'lost-answers', 'rolling', 'tracked', 'crowd'],
  'in turn',
);
