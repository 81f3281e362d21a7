/** A process whose task ends without waiting: `task-process.ts URL TOKEN LIMIT_MS`. It ends by itself. */
import { connectTracker } from '../../src/tracker/index.ts';

const [url = '', token = '', limitMs = ''] = process.argv.slice(2);
const playhead = connectTracker({
  url,
  token,
  openingWaitMs: 1,
  endingWaitMs: 1,
  closingWaitMs: Number(limitMs),
});
const progress = await playhead.track({ projectId: 'a', taskName: 'transcode', jobId: '7' });
progress.update(0.5, 'processing', 'half');
console.log(await progress.complete({ frames: 7 }));
