import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Preloaded by every npm script (`node --import`): explains what is missing if the current Node cannot run TypeScript
 * directly. Written in plain JavaScript for Node 20; the project's own Node 24 comes with `npm ci`.
 *
 * It keeps compiled code in node_modules/.cache, for this process and those that it starts: a process that starts takes a third
 * to a half less CPU (docs/dependencies.md). Where that folder can't be written, code is compiled at every start.
 *
 * It also lets the first process of a container be ended while it is still loading its modules: the kernel drops signals for
 * that process unless they have a handler.
 */
const required = 24;
const major = Number(process.versions.node.split('.')[0]);
if (!(major >= required) || !process.features.typescript) {
  process.stderr.write(
    `playhead: needs Node ${required} or later with TypeScript support, but this is Node ${process.versions.node} ` +
      `(${process.execPath}, ${process.platform} ${process.arch}).\n` +
      'Run `npm ci` without --omit=optional: it installs Node for Linux, macOS and Windows (x64; arm64 but for ' +
      'Windows).\nOn any other platform install Node 24 from https://nodejs.org and put it first on PATH.\n',
  );
  process.exit(1);
}
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('../node_modules/.cache/node-compile-cache', import.meta.url),
);
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
if (process.pid === 1) {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
    });
  }
}
