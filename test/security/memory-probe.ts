/** Preloaded into a process that a test has started: answers `memory` with what the process takes after two collections. */
process.on('message', (message) => {
  if (message !== 'memory') return;
  // Given by --expose-gc.
  const { gc } = globalThis;
  gc?.();
  gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapBytes: heapUsed, residentBytes: rss });
});
