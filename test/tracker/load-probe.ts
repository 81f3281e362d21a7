/** Prints which modules are loaded by importing the tracker, and then by a job over Redis: `load-probe.ts REDIS_URL PREFIX`. */
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { connectTracker } = await import('../../src/tracker/index.ts');
const [redis = '', prefix = ''] = process.argv.slice(2);
const byImport = [...loaded];
// On a busy machine the defaults may run out before Redis has answered.
const playhead = connectTracker({ redis, prefix, openingWaitMs: 90_000, endingWaitMs: 90_000 });
const progress = await playhead.track({ projectId: 'a', taskName: 'transcode' });
progress.update(0.5, 'processing', 'half');
const outcome = await progress.complete();
await playhead.close();
console.log(JSON.stringify({ byImport, byUse: loaded, outcome }));
