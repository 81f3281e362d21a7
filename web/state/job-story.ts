/**
 * What has happened to one job, as kept by the server: its events and the lines of its steps. The stories of ended and running
 * jobs are read the same way; a running job's grows, and is read on from its last event when something has happened.
 */
import type { StoryQuery } from '../generated/graphql.ts';
import { foldEvents, type StoryRow } from './story-rows.ts';
import { createValue, type Value } from './value.ts';

export type StoryLine = NonNullable<StoryQuery['job']>['lines'][number];

export interface Story {
  readonly rows: readonly StoryRow[];
  readonly lines: readonly StoryLine[];
  /** Whether everything that the server has was read at least once. */
  readonly isLoaded: boolean;
}

/** Reads a page of both, after these ids or from the beginning. */
export type AskStory = (after: string | null, afterLine: string | null) => Promise<StoryQuery['job']>;

/** The number of lines and events per answer, limited by the server. */
export const STORY_PAGE = 100;
/** The least time between two reads of a running job. */
const LOOK_MS = 1_000;
/** As many as the server keeps. */
const MAX_LINES = 500;
/** More rows than anybody reads: only the newest rows of a longer story are shown. */
const MAX_ROWS = 2_000;

export const NO_STORY: Story = { rows: [], lines: [], isLoaded: false };

export class JobStory {
  readonly value: Value<Story> = createValue<Story>(NO_STORY);
  readonly #ask: AskStory;
  readonly #isExpired: (error: unknown) => boolean;
  #after: string | null = null;
  #afterLine: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #lookedAt = -Infinity;
  #isLooking = false;
  #isAsked = false;
  #isClosed = false;

  /** @param isExpired whether an error means that what was read before is no longer kept */
  constructor(ask: AskStory, isExpired: (error: unknown) => boolean) {
    this.#ask = ask;
    this.#isExpired = isExpired;
  }

  /** Call when something may have happened. */
  wake(): void {
    if (this.#isClosed) return;
    if (this.#isLooking) {
      this.#isAsked = true;
      return;
    }
    const wait = Math.max(0, this.#lookedAt + LOOK_MS - performance.now());
    this.#timer ??= setTimeout(() => void this.#look(), wait);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    this.#timer = null;
    this.#isLooking = true;
    try {
      while (await this.#readPage());
    } catch (error) {
      if (this.#isExpired(error)) this.#beginAnew();
      // Otherwise the connection is down, and its return will call `wake`.
    } finally {
      this.#isLooking = false;
      this.#lookedAt = performance.now();
      if (this.#isAsked) {
        this.#isAsked = false;
        this.wake();
      }
    }
  }

  /** @returns whether more pages follow */
  async #readPage(): Promise<boolean> {
    const job = await this.#ask(this.#after, this.#afterLine);
    if (this.#isClosed || job === null) return false;
    const { edges, pageInfo } = job.history;
    this.#after = pageInfo.endCursor ?? this.#after;
    this.#afterLine = job.lines.at(-1)?.id ?? this.#afterLine;
    const hasMore = pageInfo.hasNextPage || job.lines.length === STORY_PAGE;
    const { isLoaded, lines, rows } = this.value.get();
    if (edges.length > 0 || job.lines.length > 0 || !isLoaded) {
      const events = edges.map(({ node }) => node);
      this.value.set({
        rows: foldEvents(rows, events).slice(-MAX_ROWS),
        lines: [...lines, ...job.lines].slice(-MAX_LINES),
        isLoaded: isLoaded || !hasMore,
      });
    }
    return hasMore;
  }

  #beginAnew(): void {
    this.#after = null;
    this.#afterLine = null;
    this.value.set(NO_STORY);
    this.#isAsked = true;
  }
}
