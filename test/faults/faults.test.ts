/** The faults that keep the machine busy; those that mostly wait are in waiting.test.ts, beside them. */
import { testFaults } from './quick.ts';

testFaults(
  ['kill', 'rollback', 'absence', 'resumes', 'lost-ending', 'lost-answers', 'rolling', 'tracked', 'crowd'],
  'in turn',
);
