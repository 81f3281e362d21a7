/** Small pictures and sounds of what an attempt is making: the newest is shown, and all are removed when the attempt ends. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { JobFiles, StoredFile } from './contract.ts';

/** Anything larger is not a preview. The limit is meant for a picture of 640x360, or two seconds of sound. */
const PREVIEW_LIMIT_BYTES = 200_000;
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.avif', '.gif', '.wav', '.mp3', '.ogg', '.m4a', '.txt'];
/** Holds the folders of previews, by attempt and number. */
const PREVIEW_FOLDER = 'previews';

interface PreviewParts {
  readonly attempt: number;
  readonly files: Pick<JobFiles, 'save'>;
  /** Removes the files whose names begin with `folder/`, and subtracts them from the counts. */
  readonly remove: (folder: string) => Promise<void>;
  /** Called with the newest preview. */
  readonly onShown: (file: StoredFile) => void;
  /** Called when a preview could not be stored or removed; the job goes on. */
  readonly onFailure: (error: unknown) => void;
}

export class Previews {
  readonly #parts: PreviewParts;
  #count = 0;
  /** Previews are stored one after another, so that the newest is shown last. */
  #storing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: PreviewParts) {
    this.#parts = parts;
  }

  /**
   * Stores and shows a preview. The one before it stays until the next one, for clients that are just fetching it.
   * @throws RangeError for a file that is not a preview
   */
  async show(path: string): Promise<void> {
    const ending = extname(path).toLowerCase();
    if (!ENDINGS.includes(ending)) {
      throw new RangeError(`path: expected one of the endings ${ENDINGS.join(' ')}, received ${path}`);
    }
    const { size } = await stat(path);
    if (size > PREVIEW_LIMIT_BYTES) {
      throw new RangeError(`path: expected at most ${PREVIEW_LIMIT_BYTES} bytes, received ${size}`);
    }
    // A step that has not waited for this is over, and so is its attempt: nobody would remove the file.
    if (this.#isClosed) return;
    this.#count += 1;
    const number = this.#count;
    this.#storing = this.#storing.then(() => this.#store(path, ending, number)).catch(this.#parts.onFailure);
    await this.#storing;
  }

  /** Removes what is left, including from attempts whose worker was lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#storing;
    if (this.#count === 0 && this.#parts.attempt === 1) return;
    await this.#parts.remove(PREVIEW_FOLDER).catch(this.#parts.onFailure);
  }

  async #store(path: string, ending: string, number: number): Promise<void> {
    const { files, onShown, remove } = this.#parts;
    onShown(await files.save(`${this.#folder(number)}/preview${ending}`, path));
    if (number > 2) await remove(this.#folder(number - 2));
  }

  #folder(number: number): string {
    return `${PREVIEW_FOLDER}/${this.#parts.attempt}-${number}`;
  }
}
