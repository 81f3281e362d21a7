import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import SummaryReporter from './test/setup/summary-reporter.ts';

export default defineConfig({
  // As Node resolves: vite would take graphql's .mjs files for our modules, while packages get its .js files, and
  // graphql refuses to work with two copies of itself.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/redis.ts', 'test/setup/web.ts'],
    setupFiles: ['test/setup/leaks.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A starved CI machine may be too late for a browser or a process once; what fails twice is broken.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
    reporters: ['default', new SummaryReporter()],
  },
});
