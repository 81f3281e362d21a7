/**
 * Makes a film's clips: speech, then pictures, drawn here or made by a remote model. The state of each clip is stored as it
 * changes, so that a retry continues within the step and pays for nothing twice.
 */
import { join } from 'node:path';
import type { ClipPlan } from './clip-plan.ts';
import { mixClip, planClip } from './clip-planning.ts';
import { type Film, type FilmScene, type SpeechWarning, sceneLength } from './film.ts';
import { type ClipFiles, clipNumber, type FilmFiles, readStoredJson, storeContent } from './film-making.ts';
import type { Media } from './media.ts';
import { runParallel } from './parallel.ts';
import type { ClipProvider, StartedClip } from './providers/clip.ts';
import { filmRemotely, type RemoteShare } from './remote-clip.ts';
import { speakScene } from './scene-speech.ts';
import { encodeWav } from './wav.ts';

/** The state of a clip, stored beside its files. Its plan and its sound exist from the start. */
export type ClipRecord = {
  readonly frames: number;
  readonly speechCostUsd: number;
  /** 1, plus 1 for each remote clip that was lost. */
  readonly generation: number;
  /** The remote clip that has been paid for and not fetched yet. */
  readonly started: StartedClip | null;
  readonly made: { readonly footage: ClipFiles['footage']; readonly costUsd: number } | null;
};

/** A remote clip that is being waited for. */
export type WaitingClip = { readonly clip: number; readonly progress: number };

export interface ClipProgress {
  /** 0..1 of all clips. */
  readonly share: number;
  /** The number of clips that are done. */
  readonly finished: number;
  /** Remote clips under way, by number from 1. */
  readonly waiting: readonly WaitingClip[];
}

export interface ClipMakingOptions {
  readonly media: Media;
  readonly files: FilmFiles;
  readonly signal: AbortSignal;
  /** Makes the pictures; undefined: they are drawn here. */
  readonly clips: ClipProvider | undefined;
  /** Makes idempotency keys of remote clips unique. */
  readonly jobId: string;
  /** Whether the work was stopped for good, so that its remote clips are no longer needed. */
  readonly isGivenUp: () => boolean;
  readonly onProgress: (progress: ClipProgress) => void;
  /** Called with a clip that is about to be drawn. */
  readonly onPlanned: (plan: ClipPlan) => Promise<void>;
  readonly warn: (warning: SpeechWarning) => void;
}

/** The approximate share of speech in the work on a drawn clip (measured on examples/script.txt). */
const SPEAKING_SHARE = 0.12;
/** Remote clips that are waited for concurrently: providers allow a few. */
const REMOTE_AT_ONCE = 4;

/**
 * Makes every scene's clip: as many at once as there are media processes, or four if remote.
 * @throws PlayheadError as the providers and ffmpeg do; STORAGE_FAILED
 */
export async function makeClips(
  film: Film,
  options: ClipMakingOptions,
): Promise<{ clips: ClipFiles[]; costUsd: number }> {
  const shares = film.scenes.map(() => 0);
  const lengths = film.scenes.map(sceneLength);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const waiting = new Map<number, number>();
  let finished = 0;
  const report = (): void => {
    const done = shares.reduce((sum, one, at) => sum + one * (lengths[at] ?? 0), 0);
    const clips = [...waiting].map(([index, progress]) => ({ clip: index + 1, progress }));
    options.onProgress({ share: done / total, finished, waiting: clips });
  };
  const atOnce = options.clips === undefined ? options.media.pool.size : REMOTE_AT_ONCE;
  const made = await runParallel(film.scenes, atOnce, options.signal, async (scene, index, signal) => {
    const clip = new ClipMaking(film, scene, index, { ...options, signal }, (share, remote) => {
      shares[index] = share;
      if (remote === null) waiting.delete(index);
      else waiting.set(index, remote);
      report();
    });
    const done = await clip.make();
    finished += 1;
    shares[index] = 1;
    waiting.delete(index);
    report();
    return done;
  });
  return {
    clips: made.map(({ clip }) => clip),
    costUsd: made.reduce((sum, { costUsd }) => sum + costUsd, 0),
  };
}

/** @param remote the provider's own progress, 0..1; null when none is under way */
type ReportShare = (share: number, remote: number | null) => void;

/** One clip. */
class ClipMaking {
  readonly #film: Film;
  readonly #scene: FilmScene;
  readonly #number: string;
  readonly #index: number;
  readonly #options: ClipMakingOptions;
  readonly #report: ReportShare;

  constructor(film: Film, scene: FilmScene, index: number, options: ClipMakingOptions, report: ReportShare) {
    this.#film = film;
    this.#scene = scene;
    this.#index = index;
    this.#number = clipNumber(index);
    this.#options = options;
    this.#report = report;
  }

  async make(): Promise<{ clip: ClipFiles; costUsd: number }> {
    const spoken = (await this.#readRecord()) ?? (await this.#speak());
    const done = spoken.made === null ? await this.#makePictures(spoken) : spoken;
    const { footage, costUsd } = done.made ?? { footage: 'drawn' as const, costUsd: 0 };
    const clip = { plan: this.#name('json'), audio: this.#name('wav'), video: this.#name('mp4') };
    return { clip: { ...clip, frames: done.frames, footage }, costUsd: done.speechCostUsd + costUsd };
  }

  async #speak(): Promise<ClipRecord> {
    const { media, files, signal, warn } = this.#options;
    const chars = sceneLength(this.#scene);
    let spokenChars = 0;
    const onSpoken = (more: number): void => {
      spokenChars += more;
      this.#report((spokenChars / chars) * SPEAKING_SHARE, null);
    };
    const provider = media.speech;
    const spoken = await speakScene(this.#film, this.#scene, { provider, signal, onSpoken, warn });
    const plan = planClip(this.#film, this.#index, this.#scene, spoken);
    await storeContent(files, this.#name('json'), JSON.stringify(plan));
    await storeContent(files, this.#name('wav'), encodeWav(mixClip(plan, spoken)));
    const speechCostUsd = spoken.reduce((sum, line) => sum + line.costUsd, 0);
    const record = { frames: plan.frames, speechCostUsd, generation: 1, started: null, made: null };
    return this.#keep(record);
  }

  async #makePictures(record: ClipRecord): Promise<ClipRecord> {
    const { clips, files, signal } = this.#options;
    const plan = await readStoredJson<ClipPlan>(files, this.#name('json'));
    const outputPath = join(files.scratch, `clip-${this.#number}.mp4`);
    await this.#options.onPlanned(plan);
    if (clips === undefined) {
      await this.#draw(plan, outputPath);
      await files.save(this.#name('mp4'), outputPath);
      return this.#keep({ ...record, made: { footage: 'drawn', costUsd: 0 } });
    }
    const { jobId, isGivenUp, media } = this.#options;
    let latest = record;
    const { costUsd } = await filmRemotely({
      ...{ film: this.#film, scene: this.#scene, plan, clips, media, signal, isGivenUp, outputPath },
      footagePath: join(files.scratch, `footage-${this.#number}.mp4`),
      titlePath: join(files.scratch, `title-${this.#number}.mp4`),
      endPath: join(files.scratch, `end-${this.#number}.mp4`),
      started: record.started,
      idempotencyKey: `${jobId}-clip-${this.#index + 1}-${record.generation}`,
      onProgress: ({ share, remote }: RemoteShare) =>
        this.#report(SPEAKING_SHARE + share * (1 - SPEAKING_SHARE), remote),
      onStarted: async (started) => {
        latest = await this.#keep({ ...latest, started });
      },
      onLost: async () => {
        latest = await this.#keep({ ...latest, started: null, generation: latest.generation + 1 });
      },
    });
    await files.save(this.#name('mp4'), outputPath);
    return this.#keep({ ...latest, made: { footage: 'remote', costUsd } });
  }

  async #draw(plan: ClipPlan, outputPath: string): Promise<void> {
    const { media, signal } = this.#options;
    await media.pool.run(
      'drawClip',
      { plan, withMouths: false, tools: await media.tools(), outputPath },
      {
        signal,
        onProgress: (frame) =>
          this.#report(SPEAKING_SHARE + (frame / plan.frames) * (1 - SPEAKING_SHARE), null),
      },
    );
  }

  #name(ending: 'json' | 'wav' | 'mp4' | 'record.json'): string {
    return `steps/clips/${this.#number}.${ending}`;
  }

  async #keep(record: ClipRecord): Promise<ClipRecord> {
    await storeContent(this.#options.files, this.#name('record.json'), JSON.stringify(record));
    return record;
  }

  /** Undefined when the clip has not been begun, or its record is gone. */
  async #readRecord(): Promise<ClipRecord | undefined> {
    return readStoredJson<ClipRecord>(this.#options.files, this.#name('record.json')).catch(() => undefined);
  }
}
