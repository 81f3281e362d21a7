/** One JSON object per line, for scripts. `type` says which kind it is; docs/cli.md lists them. */
import { hasEnded } from '../client/job.ts';
import { stateText } from './bar-rows.ts';
import type { Board } from './board.ts';
import type { Delivery, Job, JobEvent, UnreadableJob, Webhook, WholeJob } from './operations.ts';
import { type Data, toPlainObject } from './result.ts';
import type { ConnectionNotice, View } from './watch.ts';

export type JsonLine =
  /** A snapshot: the first and last of a followed job, and each job of a list; `summary` is what a person would read. */
  | { readonly type: 'job'; readonly summary: string; readonly job: Data }
  /** A job of a list that the server cannot read. */
  | ({ readonly type: 'unreadable'; readonly code: string } & UnreadableJob)
  | { readonly type: 'event'; readonly event: Data }
  | ({ readonly type: 'connection' } & ConnectionNotice)
  | { readonly type: 'file'; readonly path: string; readonly sizeBytes: number; readonly contentType: string }
  /** The address of the dashboard. */
  | { readonly type: 'link'; readonly url: string }
  | {
      readonly type: 'login';
      readonly url: string;
      readonly scope: string;
      readonly projects: readonly string[] | null;
    }
  /** The secret is included only once, when it is new. */
  | { readonly type: 'webhook'; readonly webhook: Webhook; readonly secret?: string }
  | { readonly type: 'delivery'; readonly delivery: Delivery }
  /** A webhook was deleted. */
  | { readonly type: 'deleted'; readonly id: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly fix: string | null };

export function jobLine(job: Job | WholeJob): JsonLine {
  return { type: 'job', summary: stateText(job), job: withPlainResult(job) };
}

/** A job or event with its result as one object; the same for the items of a batch. */
function withPlainResult(value: Job | WholeJob | Omit<JobEvent, 'job'>): Data {
  return {
    ...value,
    ...('result' in value && value.result !== null && { result: toPlainObject(value.result) }),
    ...('items' in value && { items: value.items.map(withPlainResult) }),
  };
}

/** The server's error code when such a job is requested individually. */
export const UNREADABLE = 'RECORD_DAMAGED';

export function unreadableLine(job: UnreadableJob): JsonLine {
  return { type: 'unreadable', code: UNREADABLE, ...job };
}

export class JsonView implements View {
  readonly #write: (line: JsonLine) => void;

  constructor(write: (line: JsonLine) => void) {
    this.#write = write;
  }

  begin({ root, items }: Board): void {
    // The command itself prints a job that has ended.
    if (root !== null && !hasEnded(root)) this.#write(jobLine({ ...root, items: [...items] }));
  }

  event({ job: _told, ...event }: JobEvent): void {
    this.#write({ type: 'event', event: withPlainResult(event) });
  }

  refresh(): void {}

  connection(notice: ConnectionNotice): void {
    this.#write({ type: 'connection', ...notice });
  }

  pause(): void {}

  resume(): void {}

  close(): void {}
}
