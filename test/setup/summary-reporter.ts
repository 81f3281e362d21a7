/** Ends a run with the plain line `N passed, N failed` (and `, N skipped`), which CI reads. */
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state] += 1;
        if (state === 'failed') failedTests += 1;
      }
      // A file that failed outside its tests (import, hooks, leaks) counts as one failure.
      if (module.state() === 'failed' && failedTests === 0) count.failed += 1;
    }
    const skipped = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    // The default reporter prints its own summary after this call.
    process.once('exit', () => process.stdout.write(`${line}\n`));
  }
}
