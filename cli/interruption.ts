/** Ctrl-C while a job is followed. */
import { EXIT, Failure } from './failure.ts';
import { CancelJobDocument } from './operations.ts';
import type { Session } from './session.ts';
import type { View } from './watch.ts';

/** npm passes on the SIGINT that the terminal has already sent to the whole process group. */
const SAME_PRESS_MS = 500;

/** Counts presses of Ctrl-C, from construction until `close`. */
export class Presses {
  readonly #onPress: (press: number) => void;
  readonly #listener = (): void => this.#onSignal();
  #count = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param onPress receives the number of presses so far */
  constructor(onPress: (press: number) => void) {
    this.#onPress = onPress;
    process.on('SIGINT', this.#listener);
  }

  /** Call when the user has done something else meanwhile: the next signal is then a new press. */
  settle(): void {
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    process.off('SIGINT', this.#listener);
  }

  #onSignal(): void {
    const now = performance.now();
    if (now - this.#lastAt < SAME_PRESS_MS) return;
    this.#lastAt = now;
    this.#count += 1;
    this.#onPress(this.#count);
  }
}

interface Interrupted {
  readonly session: Session;
  /** The job that can be cancelled; undefined for a project. */
  readonly jobId?: string;
  readonly view: View;
}

/**
 * Ctrl-C asks whether to cancel the job: after yes, the command goes on watching until the job has ended; no leaves it running;
 * a second Ctrl-C quits at once. If nobody can be asked, the command quits.
 */
export class Interruption {
  readonly #parts: Interrupted;
  readonly #leave = new AbortController();
  /** Aborted when following has ended by itself. */
  readonly #over = new AbortController();
  readonly #presses: Presses;
  #isAsking = false;
  /** Whether the job was cancelled here; a promise, since its last event may come before the answer. */
  #cancelling: Promise<boolean> = Promise.resolve(false);

  constructor(parts: Interrupted) {
    this.#parts = parts;
    this.#presses = new Presses((press) => this.#onPress(press));
  }

  /** Aborted when the user quits. */
  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  /** Whether the job was cancelled here. */
  wasCancelled(): Promise<boolean> {
    return this.#cancelling;
  }

  close(): void {
    this.#presses.close();
    this.#over.abort();
  }

  #onPress(press: number): void {
    // Meanwhile Ctrl-C is a character, which the question reads: a signal is the one from npm, handed on late.
    if (this.#isAsking) return;
    if (press > 1) leaveAtOnce(this.#parts.view);
    if (!this.#parts.session.isInteractive || this.#parts.jobId === undefined) return this.#leave.abort();
    void this.#ask(this.#parts.jobId);
  }

  async #ask(jobId: string): Promise<void> {
    const { session, view } = this.#parts;
    view.pause();
    this.#isAsking = true;
    const answer = await session.confirm('\nCancel the job as well? [y/N] ', this.#over.signal);
    this.#isAsking = false;
    this.#presses.settle();
    if (answer === null) leaveAtOnce(view);
    if (this.#over.signal.aborted) return;
    if (!answer) return this.#leave.abort();
    this.#cancelling = this.#cancel(jobId);
    await this.#cancelling;
    if (!this.#leave.signal.aborted && !this.#over.signal.aborted) view.resume();
  }

  async #cancel(jobId: string): Promise<boolean> {
    const { session } = this.#parts;
    try {
      await session.api.request(CancelJobDocument, { projectId: session.projectId, id: jobId });
      return true;
    } catch (error) {
      // JOB_ENDED: its ending is on its way. Any other error leaves it running, and is reported.
      if (!(error instanceof Failure)) throw error;
      if (error.code !== 'JOB_ENDED') {
        session.fail(error);
        this.#leave.abort();
      }
      return false;
    }
  }
}

function leaveAtOnce(view: View): never {
  view.pause();
  process.stdout.write('\n');
  process.exit(EXIT.interrupted);
}
