/**
 * Audio: turns a text into speech that has been verified by speech recognition. Takes are compared with the text until one
 * is similar enough; the best one is kept. Speech in a language without a recogniser is released unverified, with a warning.
 */
import { type JsonObject, PlayheadError, type StepRun, type StoredFile } from 'playhead';
import { checkTools } from '../../ffmpeg.ts';
import { readStoredJson, storeContent } from '../../film-making.ts';
import type { Media } from '../../media.ts';
import { Booth, type BoothWork, bestTake, type TakeRecord } from '../../narration/booth.ts';
import { type Passage, preparePassage } from '../../narration/passage.ts';
import { type Publication, publishTake } from '../../narration/publication.ts';
import { voiceOfTake } from '../../narration/retakes.ts';
import type { VoiceStudio } from '../../narration/voice-studio.ts';
import { showSpeech } from '../../preview.ts';
import type { MediaServices } from '../../services.ts';
import { describeMissing, neededAbilities } from '../../speech-ability.ts';
import type { AudioResult, AudioRun } from './definition.ts';
import { DEFAULT_MIN_SIMILARITY } from './input.ts';
import { type MessageKey, message } from './messages.ts';

const PASSAGE_FILE = 'steps/passage.json';

/**
 * Makes verified speech. Its artifacts are `audio.m4a`, `audio.wav`, `transcript.json` (what was heard, with word
 * times) and `speech.json` (what was said, with the times of sentences and sounds).
 * Errors by code: NOT_VERIFIED (details name the best take's files), TOOL_MISSING, INVALID_INPUT (nothing can be spoken),
 * PROVIDER_FAILED, PROVIDER_REJECTED, STORAGE_FAILED, TIMED_OUT, CANCELLED.
 */
export async function run(
  run: AudioRun,
  { media, studio }: Pick<MediaServices, 'media' | 'studio'>,
): Promise<AudioResult> {
  await run.step('start', message(run.input.language, 'audio.start'), (step) =>
    begin(media, studio, run, step),
  );
  return new Narration(media, run, await openBooth(media, studio, run)).make();
}

async function begin(media: Media, studio: VoiceStudio, run: AudioRun, step: StepRun) {
  const { language } = run.input;
  await openBooth(media, studio, run);
  const listener = await studio.listener(language);
  if (listener === undefined) run.warn(message(language, 'audio.unverified'));
  await checkTools(await media.tools(), step.signal);
  return { verified: listener !== undefined };
}

/** Called again in every attempt, as another worker may have other tools. @throws PlayheadError TOOL_MISSING */
async function openBooth(media: Media, studio: VoiceStudio, { input, files, warn }: AudioRun) {
  const abilities = await studio.abilities();
  const missing = neededAbilities(input).find((ability) => !abilities.includes(ability));
  const speaker = studio.speaker(input.language);
  if (missing !== undefined || speaker === undefined) {
    throw new PlayheadError('TOOL_MISSING', describeMissing(missing ?? `speech:${input.language}`));
  }
  const listener = await studio.listener(input.language);
  const parts = { speaker, listener, files, parallel: media.pool.size, warn };
  return { ...parts, booth: new Booth(parts) };
}

type Staff = Awaited<ReturnType<typeof openBooth>>;

/** One attempt, after its first step. */
class Narration {
  readonly #media: Media;
  readonly #run: AudioRun;
  readonly #staff: Staff;
  readonly #bar: number;

  constructor(media: Media, run: AudioRun, staff: Staff) {
    this.#media = media;
    this.#run = run;
    this.#staff = staff;
    this.#bar = run.input.minSimilarity ?? DEFAULT_MIN_SIMILARITY;
  }

  async make(): Promise<AudioResult> {
    const run = this.#run;
    const { booth } = this.#staff;
    await run.step('normalize_text', this.#say('audio.normalize'), () => this.#normalise());
    const passage = await readStoredJson<Passage>(run.files, PASSAGE_FILE);
    const spoken = await run.step('tts_generation', this.#say('audio.speak'), (step) =>
      booth.speak(passage, 1, voiceOfTake(run.input.voice, 1), this.#work(step, 'audio.speakCount', 1)),
    );
    run.measure({ seconds: spoken.durationSeconds });
    const heard = await run.step('stt_verification', this.#say('audio.listen'), (step) =>
      booth.listen(passage, spoken, this.#work(step, 'audio.listenCount', 1)),
    );
    const judged = await run.step('similarity_check', this.#say('audio.compare'), async (step) => {
      const record = await booth.judge(passage, heard);
      logTake(step, record);
      step.update(1, this.#describe(record), toMetadata([record]));
      return record;
    });
    const { takes } = await run.step('retry_loop', this.#say('audio.retry'), (step) =>
      this.#retry(passage, judged, step),
    );
    return run.step('save_file', this.#say('audio.save'), (step) => this.#save(passage, takes, step));
  }

  async #normalise() {
    const { input, files } = this.#run;
    const { speaker, warn } = this.#staff;
    const passage = preparePassage(input.text, input.language, speaker);
    for (const what of passage.omitted) warn(message(input.language, 'audio.omitted', { what }));
    if (passage.sentences.length === 0) {
      throw new PlayheadError('INVALID_INPUT', `text: expected a text that ${speaker.name} can speak`);
    }
    await storeContent(files, PASSAGE_FILE, JSON.stringify(passage));
    return { sentences: passage.sentences.length };
  }

  /** Makes takes until one is good enough. @throws PlayheadError NOT_VERIFIED when none is; its files are kept */
  async #retry(passage: Passage, first: TakeRecord, step: StepRun) {
    const { maxTries, voice } = this.#run.input;
    const { booth } = this.#staff;
    const takes = [first];
    if (first.similarity === null) return { takes };
    while (bestOf(takes) < this.#bar && takes.length < maxTries) {
      const number = takes.length + 1;
      const share = (part: number): number => (number - 2 + part) / Math.max(1, maxTries - 1);
      const report = (part: number): void =>
        step.update(
          share(part),
          this.#say('audio.retryTry', { try: number, tries: maxTries }),
          toMetadata(takes),
        );
      report(0);
      const work = (from: number, to: number): BoothWork => ({
        signal: step.signal,
        onProgress: (done, total) => report(from + (done / total) * (to - from)),
        onHeard: (samples) => this.#show(samples, number, step),
      });
      const spoken = await booth.speak(passage, number, voiceOfTake(voice, number), work(0, 0.4));
      const heard = await booth.listen(passage, spoken, work(0.4, 1));
      const record = await booth.judge(passage, heard);
      logTake(step, record);
      takes.push(record);
    }
    step.update(1, this.#describe(bestTake(takes)), toMetadata(takes));
    if (bestOf(takes) < this.#bar) throw await this.#notVerified(passage, takes, step);
    return { takes };
  }

  async #notVerified(passage: Passage, takes: readonly TakeRecord[], step: StepRun): Promise<PlayheadError> {
    const best = bestTake(takes);
    const kept = await this.#publish(passage, takes, step, () => {});
    const { booth } = this.#staff;
    const folder = `${this.#run.projectId}/${this.#run.jobId}`;
    const files = await Promise.all(takes.map((take) => booth.storedAudio(take, folder)));
    return new PlayheadError(
      'NOT_VERIFIED',
      `speech: expected a similarity of at least ${this.#bar}, received ${best.similarity ?? 0} at best (tries: ${takes.length})`,
      {
        details: {
          ...toMetadata(takes),
          verified: false,
          min_similarity: this.#bar,
          best_try: best.number,
          audio: kept.audio.path,
          transcript: kept.transcript.path,
          files,
        },
      },
    );
  }

  async #save(passage: Passage, takes: readonly TakeRecord[], step: StepRun) {
    const best = bestTake(takes);
    const { input } = this.#run;
    const asked = voiceOfTake(input.voice, 1);
    if (best.voice !== asked.name) {
      this.#staff.warn(message(input.language, 'audio.otherVoice', { voice: best.voice, pace: best.pace }));
    }
    const kept = await this.#publish(passage, takes, step, (share) =>
      step.update(share, this.#say('audio.save'), toMetadata(takes)),
    );
    return {
      type: 'AudioResult' as const,
      audio: { ...kept.audio },
      transcript: kept.text,
      similarity: best.similarity ?? 0,
      tries: takes.length,
      totalDuration: kept.durationSeconds,
      totalCostUsd: takes.reduce((sum, { costUsd }) => sum + costUsd, 0),
    };
  }

  async #publish(
    passage: Passage,
    takes: readonly TakeRecord[],
    step: StepRun,
    onProgress: (share: number) => void,
  ): Promise<Publication<StoredFile>> {
    return publishTake(this.#staff.booth, bestTake(takes), passage, {
      tools: await this.#media.tools(),
      files: this.#run.files,
      signal: step.signal,
      onProgress,
    });
  }

  #show(samples: Int16Array<ArrayBuffer>, number: number, step: StepRun): Promise<void> {
    return showSpeech(samples, `heard-${number}`, { scratch: this.#run.files.scratch, step });
  }

  #work(step: StepRun, key: MessageKey, number: number): BoothWork {
    return {
      signal: step.signal,
      onHeard: (samples) => this.#show(samples, number, step),
      onProgress: (done, total) =>
        step.update(done / total, this.#say(key, { done: Math.round(done), total: Math.round(total) }), {
          try: number,
        }),
    };
  }

  #describe({ similarity }: TakeRecord): string {
    if (similarity === null) return this.#say('audio.unverified');
    return this.#say('audio.compared', { percent: Math.floor(similarity * 1000) / 10 });
  }

  #say(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
    return message(this.#run.input.language, key, values);
  }
}

/** Writes the outcome of a take to the log of its step. */
function logTake(step: StepRun, { number, pace, similarity, voice }: TakeRecord): void {
  const heard = similarity === null ? 'nobody listened' : `${Math.floor(similarity * 1000) / 10} % alike`;
  step.log(`Take ${number}: ${voice}, pace ${pace}: ${heard}`);
}

function bestOf(takes: readonly TakeRecord[]): number {
  return bestTake(takes).similarity ?? 0;
}

/** What events and errors report about the takes so far. */
function toMetadata(takes: readonly TakeRecord[]): JsonObject {
  const best = bestTake(takes);
  return {
    try: takes.length,
    verified: best.similarity !== null,
    similarity: best.similarity,
    word_error_rate: best.wordErrorRate,
    tries: takes.map(({ number, voice, pace, similarity, wordErrorRate }) => ({
      ...{ try: number, voice, pace, similarity, word_error_rate: wordErrorRate },
    })),
  };
}
