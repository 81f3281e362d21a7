/**
 * Stands in for the API inside the page, with the dashboard's own typed documents: for what no worker here makes (all kinds
 * of results, predictions, hundreds of live jobs), at a pace that the test sets.
 */
import { readFileSync } from 'node:fs';
import { graphqlSync } from 'graphql';
import type { Page, WebSocketRoute } from 'playwright-core';
import type { Workflow } from '../../src/progress/steps.ts';
import type {
  ArtifactFieldsFragment,
  JobFieldsFragment,
  StoryFieldsFragment,
} from '../../web/generated/graphql.ts';
import type { StoryLine } from '../../web/state/job-story.ts';
import type { JobEvent, JobResult, Wait } from '../../web/state/job-view.ts';
import { schema } from '../setup/schema.ts';
import { definitionOf, tableOf } from '../setup/workflows.ts';
import { eventOf } from './job-states.ts';

export type StandInJob = JobFieldsFragment & {
  readonly input?: unknown;
  readonly inputExcerpt?: string | null;
  readonly items?: readonly JobFieldsFragment[];
  /** What is told of it beside the events that are sent: what came before them, and its steps' lines. */
  readonly events?: readonly StoryFieldsFragment[];
  readonly lines?: readonly StoryLine[];
};

const START = Date.now() - 90_000;
let count = 0;

/** A job as the API would give it; newer ones have higher ids. */
export function makeJob(workflow: Workflow, changes: Partial<StandInJob> = {}): StandInJob {
  count += 1;
  const progress = changes.progress ?? 0;
  const running = changes.status === undefined || changes.status === 'RUNNING';
  const steps = tableOf(workflow).map(({ name, from, to }) => {
    const done = to <= progress && !(running && from === to && to === 1);
    const current = running && from <= progress && progress < to;
    return {
      ...{
        name,
        from,
        to,
        status: done ? ('COMPLETED' as const) : current ? ('RUNNING' as const) : ('PENDING' as const),
      },
      startedAt: done || current ? iso(from * 80) : null,
      finishedAt: done ? iso(to * 80) : null,
    };
  });
  return {
    ...{ id: `019c2000-0000-7000-8000-${String(count).padStart(12, '0')}`, version: 1, title: null },
    workflow,
    ...{ taskName: definitionOf(workflow).taskName, status: 'RUNNING', progress, steps },
    ...{
      step: steps.find(({ status }) => status === 'RUNNING')?.name ?? null,
      message: null,
      metadata: null,
    },
    ...{ attempt: 1, maxAttempts: 3, eta: null, preview: null, result: null, error: null, parent: null },
    ...{ createdAt: iso(-5), startedAt: iso(0), finishedAt: null },
    ...changes,
  };
}

export function iso(secondsAfterStart: number): string {
  return new Date(START + secondsAfterStart * 1000).toISOString();
}

export function file(name: string, contentType: string, sizeBytes = 1_500_000): ArtifactFieldsFragment {
  return { name, url: `/files/demo/job/${name}`, path: `demo/job/${name}`, contentType, sizeBytes };
}

/** A result of a type that only some servers have. */
export function result(type: string, data: unknown, artifacts: ArtifactFieldsFragment[]): JobResult {
  // The page's own types know those that every server has.
  return { __typename: type as 'DataResult', data, artifacts };
}

export function batchResult(counts: { total: number; succeeded: number; failed: number; cancelled: number }) {
  return {
    __typename: 'BatchResult',
    ...counts,
    data: counts,
    artifacts: [] as ArtifactFieldsFragment[],
  } as const;
}

interface Variables {
  readonly id?: string;
  readonly after?: string | null;
  readonly afterLine?: string | null;
  readonly search?: string | null;
  readonly workflow?: Workflow;
}

export class StandIn {
  readonly jobs = new Map<string, StandInJob>();
  /** What each subscription came with, in order. */
  readonly subscriptions: (string | null)[] = [];
  /** What is answered of waiting jobs. */
  waits: readonly Wait[] = [];
  /** As of a server that cannot reach its Redis. */
  isUnavailable = false;
  readonly #files: Readonly<Record<string, string>>;
  readonly #sent: JobEvent[] = [];
  /** By job: the version of the last event. */
  readonly #versions = new Map<string, number>();
  #socket: WebSocketRoute | null = null;
  #id = '';

  /** @param files local files by the name of the artifact */
  constructor(jobs: readonly StandInJob[], files: Readonly<Record<string, string>> = {}) {
    for (const job of jobs) this.jobs.set(job.id, job);
    this.#files = files;
  }

  /** Takes over the page's requests to the API; everything else goes to the server. */
  async attach(page: Page): Promise<void> {
    await page.route('**/graphql', async (route) => {
      const { query, variables } = route.request().postDataJSON() as {
        query: string;
        variables: Variables;
      };
      await route.fulfill({ json: { data: this.#answer(query, variables) } });
    });
    await page.route('**/files/**', async (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
      const path = this.#files[name];
      if (path === undefined) await route.fulfill({ status: 404 });
      else await route.fulfill({ body: readFileSync(path), contentType: mediaType(name) });
    });
    await page.routeWebSocket('**/graphql', (socket) => this.#accept(socket));
  }

  /** Tells the page of the job's next state. */
  send(job: StandInJob): void {
    const version = (this.#versions.get(job.id) ?? job.version) + 1;
    this.#versions.set(job.id, version);
    const event = eventOf({ ...job, version }, new Date().toISOString());
    this.#sent.push(event);
    const payload = { data: { jobEvents: event } };
    this.#socket?.send(JSON.stringify({ id: this.#id, type: 'next', payload }));
  }

  /** A progress event of a job. */
  progress(job: StandInJob, progress: number, message = job.message): void {
    const step =
      tableOf(job.workflow).find(({ from, to }) => from <= progress && progress < to)?.name ?? null;
    this.send({ ...job, status: 'RUNNING', error: null, progress, message, step });
  }

  #accept(socket: WebSocketRoute): void {
    this.#socket = socket;
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as {
        type: string;
        id: string;
        payload?: { variables: { after?: string } };
      };
      if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (message.type === 'ping') {
        const payload = this.isUnavailable ? { unavailable: true } : undefined;
        socket.send(JSON.stringify({ type: 'pong', payload }));
      }
      if (message.type !== 'subscribe') return;
      this.#id = message.id;
      this.subscriptions.push(message.payload?.variables.after ?? null);
    });
  }

  #answer(query: string, variables: Variables): unknown {
    if (/query Viewer/.test(query)) return { viewer: { scope: 'ADMIN', projects: null, expiresAt: null } };
    if (/query Workflows/.test(query)) return graphqlSync({ schema, source: query }).data;
    if (/query JobCounts/.test(query)) {
      const statuses = Map.groupBy(this.jobs.values(), ({ status }) => status);
      return { jobCounts: [...statuses].map(([status, jobs]) => ({ status, count: jobs.length })) };
    }
    if (/mutation DeleteJob/.test(query)) {
      this.jobs.delete(variables.id ?? '');
      return { deleteJob: variables.id };
    }
    if (/query Story/.test(query)) return { job: this.#story(variables) };
    if (/query Job\(/.test(query)) return { job: this.#whole(variables.id ?? '') };
    if (/query Waits/.test(query)) return { jobs: { edges: this.waits.map((node) => ({ node })) } };
    if (/query Runs/.test(query)) {
      const runs = [...this.jobs.values()].filter(
        ({ status, workflow }) => status === 'COMPLETED' && workflow === variables.workflow,
      );
      return { jobs: { edges: runs.map((node) => ({ node })), pageInfo: { hasNextPage: false } } };
    }
    return { jobs: this.#page(variables.after ?? null, variables.search ?? '') };
  }

  /** The events that were sent of a job, and its lines; all in one page. */
  #story({ after, afterLine, id = '' }: Variables): unknown {
    const job = this.jobs.get(id);
    const sent = this.#sent.filter((event) => event.job.id === id);
    const events = [...(job?.events ?? []), ...sent.map(storyOf)];
    const left = events.slice(events.findIndex((event) => event.id === after) + 1);
    const pageInfo = { hasNextPage: false, endCursor: left.at(-1)?.id ?? null };
    const edges = left.map((node) => ({ node }));
    return { history: { edges, pageInfo }, lines: afterLine ? [] : (job?.lines ?? []) };
  }

  #whole(id: string): unknown {
    const job =
      this.jobs.get(id) ??
      [...this.jobs.values()].flatMap(({ items }) => items ?? []).find((item) => item.id === id);
    return job === undefined ? null : { input: null, items: [], ...job };
  }

  #page(after: string | null, search: string) {
    const listed = [...this.jobs.values()].filter((job) => JSON.stringify(job).includes(search));
    const all = listed.sort((one, other) => (one.id < other.id ? 1 : -1));
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const edges = all.slice(from, from + 100).map((job) => ({ cursor: job.id, node: { items: [], ...job } }));
    const endCursor = edges.at(-1)?.cursor ?? null;
    return { edges, unreadable: [], pageInfo: { hasNextPage: from + 100 < all.length, endCursor } };
  }
}

function storyOf({ __typename, id, job, timestamp }: JobEvent) {
  const { attempt, message, progress, step, version } = job;
  const fields = { __typename, id, attempt, timestamp, job: { version } };
  return { ...fields, progress, status: 'processing', step, message: message ?? '', worker: null };
}

function mediaType(name: string): string {
  const types: Readonly<Record<string, string>> = {
    jpg: 'image/jpeg',
    json: 'application/json',
    mp4: 'video/mp4',
    vtt: 'text/vtt',
    wav: 'audio/wav',
  };
  return types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
}
