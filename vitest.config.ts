import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
// The processes that tests start keep their compiled code as those of npm scripts do.
import './scripts/runtime.mjs';
import SummaryReporter from './test/setup/summary-reporter.ts';

export default defineConfig({
  // As Node resolves: vite would take graphql's .mjs files for our modules, while packages get its .js files, and
  // graphql refuses to work with two copies of itself.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/redis.ts', 'test/setup/web.ts', 'test/setup/packages.ts'],
    setupFiles: ['test/setup/leaks.ts'],
    pool: 'forks',
    // More than the two cores of the smallest machine: tests wait for processes and browsers a fifth of their time.
    maxWorkers: 4,
    // A run of mutants (npm run mutants) has one process for all files: starting one for each took a third of its time.
    isolate: process.env.STRYKER_MUTATOR_WORKER === undefined,
    // Nothing is tried again: what fails now and then is a fault, of the product or of the test. These limits are for what
    // hangs: no test is judged by its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    reporters: ['default', new SummaryReporter()],
  },
});
