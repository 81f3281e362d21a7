/** The local speech provider: flite in media processes, English, free. */

import type { ProcessPool } from './process-pool.ts';
import type { SpeechProvider } from './speech.ts';
import { prepareEnglish } from './spoken-text.ts';

/** Speaks with flite. `prepare` omits text in other languages, whatever the job's language. */
export function createFlite(pool: ProcessPool): SpeechProvider {
  return {
    name: 'flite',
    prepare: (text) => prepareEnglish(text, 'flite'),
    speak: (text, voice, _language, signal) => pool.run('speak', { text, voice }, { signal }),
  };
}
