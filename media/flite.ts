/** The local speech provider: flite in worker threads, English, free. */
import type { SpeechProvider } from './speech.ts';
import { prepareEnglish } from './spoken-text.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Speaks with flite. Text in other languages is left out by `prepare`, whatever the job's language. */
export function createFlite(pool: WorkerPool): SpeechProvider {
  return {
    name: 'flite',
    prepare: (text) => prepareEnglish(text, 'flite'),
    speak: (text, voice, _language, signal) => pool.run('speak', { text, voice }, { signal }),
  };
}
