/**
 * What the finished steps of a job leave for its later attempts: what they returned, and which files they stored. A step whose
 * files are gone (removed by hand, or kept on another machine) is done again, and so are all steps after it, which were based
 * on them.
 */
import type { Json } from '../core/json.ts';
import type { JobFiles, StoredFile } from './contract.ts';
import { withSave } from './with-save.ts';

/** The facts that tell whether a stored file is still there. */
type FileMark = Pick<StoredFile, 'name' | 'sizeBytes'>;

interface StepResultsParts {
  /** What earlier attempts have kept, by field. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** Whether a file of the job is in the store, with this size. */
  readonly isStored: (file: FileMark) => Promise<boolean>;
  /** Not awaited: a job does not wait for Redis (G6). A step that was not yet kept when the worker dies is done again. */
  readonly keep: (fields: Readonly<Record<string, Json>>) => void;
  readonly forget: (fields: readonly string[]) => void;
  /** Called for a step that is done again. */
  readonly onGone: (step: string) => void;
}

/** Fields beside the steps' outputs; no step has such a name. */
const WARNINGS = ':warnings';
const filesOf = (step: string): string => `:files:${step}`;

export class StepResults {
  readonly #parts: StepResultsParts;
  /** The fields that this attempt has not walked yet. */
  readonly #left: Map<string, Json>;
  /** Files that the step under way has stored. */
  #saved: FileMark[] = [];

  constructor(parts: StepResultsParts) {
    this.#parts = parts;
    this.#left = new Map(Object.entries(parts.outputs));
  }

  /** What a step returned in an earlier attempt; undefined when it is to be done. Called once per step, in their order. */
  async find(step: string): Promise<Json | undefined> {
    this.#saved = [];
    const output = this.#left.get(step);
    if (output === undefined) return undefined;
    const stored = await Promise.all(readMarks(this.#left.get(filesOf(step))).map(this.#parts.isStored));
    if (stored.every(Boolean)) {
      this.#left.delete(step);
      this.#left.delete(filesOf(step));
      return output;
    }
    this.#parts.onGone(step);
    this.#parts.forget([...this.#left.keys()].filter((field) => field !== WARNINGS));
    this.#left.clear();
    return undefined;
  }

  /** Keeps what a step has returned, with the files that it has stored. */
  keep(step: string, output: Json, warnings: readonly string[]): void {
    const files = this.#saved.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
    this.#parts.keep({
      [step]: output,
      ...(files.length > 0 && { [filesOf(step)]: files }),
      ...(warnings.length > 0 && { [WARNINGS]: [...warnings] }),
    });
  }

  /** The same files; whatever is stored through them belongs to the step under way. */
  watch(files: JobFiles): JobFiles {
    return withSave(files, async (name, path) => {
      const file = await files.save(name, path);
      // A file that is stored again replaces the earlier one.
      this.#saved = [...this.#saved.filter((before) => before.name !== file.name), file];
      return file;
    });
  }
}

/** The steps whose outputs are kept. */
export function stepsIn(outputs: Readonly<Record<string, Json>>): readonly string[] {
  return Object.keys(outputs).filter((field) => !field.startsWith(':'));
}

/** Warnings of earlier attempts. */
export function readWarnings(outputs: Readonly<Record<string, Json>>): string[] {
  const kept = outputs[WARNINGS];
  return Array.isArray(kept) ? kept.filter((warning) => typeof warning === 'string') : [];
}

/** An earlier version of this software kept no marks: its steps are trusted. */
function readMarks(kept: Json | undefined): readonly FileMark[] {
  // Only `keep` writes them.
  return Array.isArray(kept) ? (kept as unknown as readonly FileMark[]) : [];
}
