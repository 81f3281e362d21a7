/**
 * Mouth shapes from audio alone: Rhubarb Lip Sync compiled to WebAssembly (its phoneme recogniser needs no words, so it
 * works for any language). Synchronous, about 0.45 s per second of speech, so it belongs in media processes. Loaded
 * when first needed (41 MB), and released with its process.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PlayheadError } from 'playhead';
import type { RhubarbModule } from 'rhubarb-lip-sync-wasm/dist/wasm/rhubarb.js';
import type { HearMouthInput } from '../tasks.ts';
import { MOUTH_SHAPES, type MouthCue } from './mouth-cue.ts';

const require = createRequire(import.meta.url);
let loaded: Promise<RhubarbModule> | undefined;

/** Replaces the package's own loader, which prints every cue and loads 37 MB again for each call. */
async function loadRhubarb(): Promise<RhubarbModule> {
  const folder = join(require.resolve('rhubarb-lip-sync-wasm'), '..', 'wasm');
  const { default: load } = await import('rhubarb-lip-sync-wasm/dist/wasm/rhubarb.js');
  return load({ locateFile: (name) => join(folder, name), print: () => {}, printErr: () => {} });
}

/** @throws PlayheadError PROVIDER_FAILED */
export async function hearMouth({ samples, text }: HearMouthInput): Promise<readonly MouthCue[]> {
  loaded ??= loadRhubarb();
  const rhubarb = await loaded;
  try {
    const pcm = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    const { mouthCues } = withoutWarnings(() => rhubarb.getLipSync(pcm, text));
    return mouthCues.map(({ start, end, value }) => ({
      start,
      end,
      value: MOUTH_SHAPES.find((shape) => shape === value) ?? 'X',
    }));
  } catch (cause) {
    // After an exception the module may be in any state.
    loaded = undefined;
    throw new PlayheadError('PROVIDER_FAILED', 'rhubarb: expected mouth shapes of the speech', { cause });
  }
}

/** Its debug build reports every growth of its memory by console.warn. This process does nothing else in the meantime. */
function withoutWarnings<T>(work: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}
