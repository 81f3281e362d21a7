/** Uncompressed audio: 16-bit PCM WAV files, and the little signal processing that speech needs. */
import { PlayheadError } from 'playhead';

export interface Pcm {
  /** Mono. */
  readonly samples: Int16Array<ArrayBuffer>;
  readonly sampleRateHz: number;
}

const HEADER_BYTES = 44;

/** Makes the 44-byte header of a mono 16-bit WAV file. */
export function wavHeader(sampleCount: number, sampleRateHz: number): Uint8Array {
  const dataBytes = sampleCount * 2;
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const writeTag = (offset: number, tag: string): void => {
    for (let index = 0; index < 4; index += 1) header.setUint8(offset + index, tag.charCodeAt(index));
  };
  writeTag(0, 'RIFF');
  header.setUint32(4, 36 + dataBytes, true);
  writeTag(8, 'WAVE');
  writeTag(12, 'fmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, sampleRateHz, true);
  header.setUint32(28, sampleRateHz * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  writeTag(36, 'data');
  header.setUint32(40, dataBytes, true);
  return new Uint8Array(header.buffer);
}

/** A whole mono 16-bit WAV file. */
export function encodeWav({ samples, sampleRateHz }: Pcm): Uint8Array {
  const file = new Uint8Array(HEADER_BYTES + samples.byteLength);
  file.set(wavHeader(samples.length, sampleRateHz));
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), HEADER_BYTES);
  return file;
}

/**
 * Reads a mono 16-bit WAV file; a wrong length field, as left by stream writers, is corrected by the file's size.
 * @throws PlayheadError PROVIDER_FAILED
 */
export function decodeWav(file: Uint8Array): Pcm {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (offset: number): string => String.fromCharCode(...file.subarray(offset, offset + 4));
  if (file.length < HEADER_BYTES || tag(0) !== 'RIFF' || tag(8) !== 'WAVE')
    throw badWav('a RIFF/WAVE header');
  let sampleRateHz = 0;
  for (let offset = 12; offset + 8 <= file.length; ) {
    const sizeBytes = view.getUint32(offset + 4, true);
    const body = offset + 8;
    if (tag(offset) === 'fmt ') {
      const mono16 = view.getUint16(body, true) === 1 && view.getUint16(body + 2, true) === 1;
      if (!mono16 || view.getUint16(body + 14, true) !== 16) throw badWav('mono 16-bit PCM');
      sampleRateHz = view.getUint32(body + 4, true);
    } else if (tag(offset) === 'data') {
      const bytes = Math.min(sizeBytes, file.length - body) & ~1;
      // Not file.slice(): a Buffer's does not copy, and its `buffer` is shared with others.
      const data = new Uint8Array(file.subarray(body, body + bytes));
      return { samples: new Int16Array(data.buffer), sampleRateHz };
    }
    offset = body + sizeBytes + (sizeBytes & 1);
  }
  throw badWav('a data chunk');
}

function badWav(expected: string): PlayheadError {
  return new PlayheadError('PROVIDER_FAILED', `speech: expected a WAV file with ${expected}`);
}

const SINC_TAPS = 12;

/**
 * Changes the sample rate by windowed-sinc interpolation (12 taps a side, Hann window). Reading the source `speed` times as
 * fast also raises pitch and formants, and shortens, by that factor.
 * @param speed 1 keeps pitch and length
 */
export function resample(source: Pcm, sampleRateHz: number, speed = 1): Pcm {
  const ratio = (source.sampleRateHz * speed) / sampleRateHz;
  const cutoff = Math.min(1, 1 / ratio);
  const length = Math.floor(source.samples.length / ratio);
  const samples = new Int16Array(length);
  for (let index = 0; index < length; index += 1) {
    samples[index] = interpolate(source.samples, index * ratio, cutoff);
  }
  return { samples, sampleRateHz };
}

function interpolate(samples: Int16Array, position: number, cutoff: number): number {
  const center = Math.floor(position);
  let sum = 0;
  for (let tap = center - SINC_TAPS + 1; tap <= center + SINC_TAPS; tap += 1) {
    const sample = samples[tap];
    if (sample === undefined) continue;
    const distance = position - tap;
    const angle = Math.PI * distance * cutoff;
    const sinc = Math.abs(angle) < 1e-6 ? 1 : Math.sin(angle) / angle;
    sum += sample * sinc * cutoff * (0.5 + 0.5 * Math.cos((Math.PI * distance) / SINC_TAPS));
  }
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
}

const LEVEL_TARGET = 0.11;
const LEVEL_GATE = 0.01;
const PEAK_LIMIT = 0.89;

/** Brings speech to a common level (RMS of samples above a gate; full scale is 1), so that voices match. In place. */
export function levelSpeech(samples: Int16Array): void {
  let energy = 0;
  let counted = 0;
  let peak = 0;
  for (const sample of samples) {
    const value = Math.abs(sample) / 32_768;
    peak = Math.max(peak, value);
    if (value < LEVEL_GATE) continue;
    energy += value * value;
    counted += 1;
  }
  if (counted === 0) return;
  const gain = Math.min(LEVEL_TARGET / Math.sqrt(energy / counted), PEAK_LIMIT / peak);
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = Math.round((samples[index] ?? 0) * gain);
}
