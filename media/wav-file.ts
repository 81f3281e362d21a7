/** WAV files that are written and read piece by piece, so that long speech is never in memory as a whole. */

import { type FileHandle, open } from 'node:fs/promises';
import { storageFailure } from 'playhead';
import { type Pcm, wavHeader } from './wav.ts';

const HEADER_BYTES = 44;

/** Appends samples to a mono 16-bit WAV file; `close` completes its header. */
export class WavWriter {
  readonly sampleRateHz: number;
  readonly #file: FileHandle;
  #samples = 0;

  private constructor(file: FileHandle, sampleRateHz: number) {
    this.#file = file;
    this.sampleRateHz = sampleRateHz;
  }

  /** Creates the file, or empties it. @throws PlayheadError STORAGE_FAILED */
  static async create(path: string, sampleRateHz: number): Promise<WavWriter> {
    const file = await stored(path, () => open(path, 'w'));
    const writer = new WavWriter(file, sampleRateHz);
    await stored(path, () => file.write(wavHeader(0, sampleRateHz)));
    return writer;
  }

  /** How much has been written, in seconds. */
  get seconds(): number {
    return this.#samples / this.sampleRateHz;
  }

  async append(samples: Int16Array): Promise<void> {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const at = HEADER_BYTES + this.#samples * 2;
    await stored('speech', () => this.#file.write(bytes, 0, bytes.length, at));
    this.#samples += samples.length;
  }

  async close(): Promise<void> {
    try {
      await stored('speech', () =>
        this.#file.write(wavHeader(this.#samples, this.sampleRateHz), 0, HEADER_BYTES, 0),
      );
    } finally {
      await this.#file.close();
    }
  }
}

/** The length and sample rate of a file written by WavWriter. */
export async function measureWav(path: string): Promise<{ samples: number; sampleRateHz: number }> {
  return withFile(path, async (file) => {
    const header = new DataView(new ArrayBuffer(HEADER_BYTES));
    await file.read(header, 0, HEADER_BYTES, 0);
    const { size } = await file.stat();
    return { samples: Math.floor((size - HEADER_BYTES) / 2), sampleRateHz: header.getUint32(24, true) };
  });
}

/** Reads a part of a file written by WavWriter, in seconds; anything beyond its end is omitted. */
export async function readWavPart(path: string, fromSeconds: number, toSeconds: number): Promise<Pcm> {
  const { samples: total, sampleRateHz } = await measureWav(path);
  const from = Math.max(0, Math.round(fromSeconds * sampleRateHz));
  const count = Math.max(0, Math.min(total, Math.round(toSeconds * sampleRateHz)) - from);
  const samples = new Int16Array(count);
  await withFile(path, (file) => file.read(samples, 0, samples.byteLength, HEADER_BYTES + from * 2));
  return { samples, sampleRateHz };
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  return stored(path, async () => {
    const file = await open(path, 'r');
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  });
}

async function stored<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storageFailure(`expected to read or write ${path}`, cause);
  }
}
