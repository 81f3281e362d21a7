/** What a worker predicts for the runs that it carries out, and remembers about them. */

import type { Clock } from '../core/clock.ts';
import type { Eta } from '../progress/events.ts';
import { recordOf } from '../progress/observed-run.ts';
import type { RunSoFar } from '../progress/run-so-far.ts';
import type { JobState } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';
import { ClockGaps } from './clock-gaps.ts';
import type { Durations } from './durations.ts';
import { estimate, steady } from './eta.ts';

/** The combination of providers if a workflow names none. */
export const LOCAL_SETUP = 'local';

export class RunPredictor {
  readonly #durations: Durations;
  readonly #setups: Readonly<Record<Workflow, string>>;
  readonly #gaps: ClockGaps;

  /** @param setups the combination of providers that this worker runs each workflow with */
  constructor(durations: Durations, setups: Readonly<Record<Workflow, string>>, clock: Clock) {
    this.#durations = durations;
    this.#setups = setups;
    this.#gaps = new ClockGaps(clock);
    // Read before the first job asks.
    for (const workflow of Object.keys(setups) as Workflow[])
      durations.model(workflow, this.#setupOf(workflow));
  }

  /**
   * What is left of a run.
   * @param shown what was reported before
   * @param now ms since the epoch
   * @returns null when nothing can be said
   */
  predict(workflow: Workflow, run: RunSoFar, shown: Eta | null, now: number): Eta | null {
    const found = estimate(this.#durations.model(workflow, this.#setupOf(workflow)), run);
    return found === null ? null : steady(shown, found, now);
  }

  /** How long work took between two moments (ms since the epoch), as far as this machine worked and its clock was right. */
  msBetween(from: number, to: number): number {
    return this.#gaps.between(from, to);
  }

  /** Keeps how long a completed run took, unless the machine stood still meanwhile. Never waits, never throws. */
  remember(state: JobState): void {
    if (state.startedAt === null || this.#gaps.since(state.startedAt)) return;
    this.#durations.record(state.workflow, this.#setupOf(state.workflow), recordOf(state));
  }

  async close(): Promise<void> {
    this.#gaps.close();
    await this.#durations.close();
  }

  #setupOf(workflow: Workflow): string {
    return this.#setups[workflow] ?? LOCAL_SETUP;
  }
}
