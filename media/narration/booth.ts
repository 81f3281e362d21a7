/** Makes takes: speaks them, listens to them and judges them; everything about a take is kept in files by its number. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredFile } from 'playhead';
import type { Voice } from '../character.ts';
import { type FilmFiles, readStoredJson, storeContent } from '../film-making.ts';
import type { RecognitionProvider } from '../providers/recognition.ts';
import type { SpeechProvider } from '../speech.ts';
import { type Hearing, hearTake, judgeHearing } from './hearing.ts';
import { type Passage, passageLength } from './passage.ts';
import { speakPassage, type Take } from './take.ts';

/** A take, small enough for a step's output; its parts are stored files. */
export type TakeRecord = {
  /** 1 for the first. */
  readonly number: number;
  readonly voice: Voice['name'];
  readonly pace: number;
  readonly durationSeconds: number;
  /** The cost of speaking and listening. */
  readonly costUsd: number;
  /** 0..1; null until it is judged, or if there is no recogniser. */
  readonly similarity: number | null;
  readonly wordErrorRate: number | null;
};

export interface BoothParts {
  readonly speaker: SpeechProvider;
  /** Undefined: takes are not judged. */
  readonly listener: RecognitionProvider | undefined;
  readonly files: FilmFiles;
  /** The number of sentences, or pieces of speech, processed concurrently. */
  readonly parallel: number;
  readonly warn: (message: string) => void;
}

export interface BoothWork {
  readonly signal: AbortSignal;
  /** Reports characters spoken or seconds heard so far, and the total. */
  readonly onProgress: (done: number, total: number) => void;
  /** Receives a sample of the latest speech. */
  readonly onHeard: (samples: Int16Array<ArrayBuffer>) => Promise<void>;
}

export class Booth {
  readonly #parts: BoothParts;

  constructor(parts: BoothParts) {
    this.#parts = parts;
  }

  /** Speaks a take. @throws PlayheadError as speakPassage does */
  async speak(passage: Passage, number: number, voice: Voice, work: BoothWork): Promise<TakeRecord> {
    const { files, parallel, speaker, warn } = this.#parts;
    const total = passageLength(passage);
    const path = join(files.scratch, `take-${number}.wav`);
    const take = await speakPassage(passage, path, {
      provider: speaker,
      voice,
      parallel,
      signal: work.signal,
      warn,
      onSpoken: (chars) => work.onProgress(chars, total),
      onHeard: work.onHeard,
    });
    await files.save(audioOf(number), path);
    await storeContent(files, takeOf(number), JSON.stringify(take));
    return {
      number,
      voice: voice.name,
      pace: voice.pace,
      durationSeconds: take.durationSeconds,
      costUsd: take.costUsd,
      similarity: null,
      wordErrorRate: null,
    };
  }

  /** Listens to a take, if there is a recogniser. @throws PlayheadError as the recogniser does */
  async listen(passage: Passage, record: TakeRecord, work: BoothWork): Promise<TakeRecord> {
    const { files, listener, parallel } = this.#parts;
    if (listener === undefined) return record;
    const hearing = await hearTake(
      passage,
      await this.take(record),
      await files.open(audioOf(record.number)),
      {
        provider: listener,
        parallel,
        signal: work.signal,
        onHeard: (seconds) =>
          work.onProgress(Math.min(seconds, record.durationSeconds), record.durationSeconds),
      },
    );
    await storeContent(files, hearingOf(record.number), JSON.stringify(hearing));
    return { ...record, costUsd: record.costUsd + hearing.costUsd };
  }

  /** Compares what was heard in a take with the passage. */
  async judge(passage: Passage, record: TakeRecord): Promise<TakeRecord> {
    const hearing = await this.hearing(record);
    return hearing === null ? record : { ...record, ...judgeHearing(hearing, passage.language) };
  }

  take(record: TakeRecord): Promise<Take> {
    return readStoredJson<Take>(this.#parts.files, takeOf(record.number));
  }

  /** Null if there was no recogniser. */
  async hearing(record: TakeRecord): Promise<Hearing | null> {
    const { files, listener } = this.#parts;
    return listener === undefined ? null : readStoredJson<Hearing>(files, hearingOf(record.number));
  }

  /** Absolute path of a take's audio; do not write to it. */
  audioPath(record: TakeRecord): Promise<string> {
    return this.#parts.files.open(audioOf(record.number));
  }

  /** A take's audio as stored in the folder of its job. @throws PlayheadError STORAGE_FAILED */
  async storedAudio(record: TakeRecord, folder: string): Promise<StoredFile> {
    const name = audioOf(record.number);
    const { size: sizeBytes } = await stat(await this.audioPath(record));
    return { name, path: `${folder}/${name}`, contentType: 'audio/wav', sizeBytes };
  }
}

const audioOf = (number: number): string => `steps/takes/${number}.wav`;
const takeOf = (number: number): string => `steps/takes/${number}.json`;
const hearingOf = (number: number): string => `steps/takes/${number}.heard.json`;

/** The take that was understood best; of equal ones, the first. */
export function bestTake(takes: readonly TakeRecord[]): TakeRecord {
  const [first, ...others] = takes;
  if (first === undefined) throw new RangeError('takes: expected at least one');
  return others.reduce(
    (best, take) => ((take.similarity ?? 0) > (best.similarity ?? 0) ? take : best),
    first,
  );
}
