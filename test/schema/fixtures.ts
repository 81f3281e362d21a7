/** States, events and a context for schema tests; every call gives its own. */

import { type GraphQLError, graphql } from 'graphql';
import { OPEN_VIEWER } from '../../src/auth/viewer.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import type { JobEvent, LoggedEvent } from '../../src/progress/events.ts';
import { type JobState, newJob } from '../../src/progress/state.ts';
import type { SchemaContext } from '../../src/schema/context.ts';
import { mapErrors } from '../../src/schema/errors.ts';
import { schema } from '../setup/schema.ts';
import { definitionOf, tableOf } from '../setup/workflows.ts';

export const EPOCH = 'epoch-0000000001';
export const CREATED_AT = Date.UTC(2026, 0, 31, 9, 30, 0, 5);

export function makeState(changes: Partial<JobState> = {}): JobState {
  const workflow = changes.workflow ?? 'DIRECTOR';
  const job = newJob({
    id: '019c1370-0000-7000-8000-000000000001',
    projectId: 'demo',
    workflow,
    taskName: definitionOf(workflow).taskName,
    table: tableOf(workflow),
    maxAttempts: 3,
    createdAt: CREATED_AT,
  });
  return { ...job, ...changes };
}

export function queuedEvent(state: JobState): JobEvent {
  return {
    type: 'ProgressEvent',
    projectId: state.projectId,
    jobId: state.id,
    taskName: state.taskName,
    attempt: state.attempt,
    timestamp: new Date(state.createdAt).toISOString(),
    progress: 0,
    status: 'queued',
    step: null,
    message: 'Waiting for a worker',
    metadata: null,
  };
}

export function logged(event: JobEvent, seq = 7): LoggedEvent {
  return { epoch: EPOCH, seq, hash: `hash-000000000${seq}`, event };
}

/** A context in which everything that a test does not give fails. */
export function makeContext(changes: Partial<SchemaContext> = {}): SchemaContext {
  const unexpected = async (): Promise<never> => {
    throw new PlayheadError('UNAVAILABLE', 'not expected in this test');
  };
  return {
    commands: {
      ...{ enqueue: unexpected, enqueueBatch: unexpected },
      ...{ cancel: unexpected, retry: unexpected, remove: unexpected },
    },
    jobs: {
      ...{ load: unexpected, loadMany: unexpected },
      ...{ list: unexpected, search: unexpected, counts: unexpected },
    },
    tracked: {
      track: unexpected,
      reportProgress: unexpected,
      reportProgressMany: unexpected,
      reportError: unexpected,
      reportCompletion: unexpected,
    },
    recordOf: unexpected,
    historyOf: unexpected,
    etaOf: async ({ eta }) => eta,
    queuePosition: unexpected,
    inputOf: unexpected,
    linesOf: unexpected,
    openEvents: unexpected,
    webhooks: {
      ...{ create: unexpected, list: unexpected, deliveries: unexpected, delete: unexpected },
      ...{ redeliver: unexpected, rotate: unexpected, enable: unexpected },
    },
    artifactUrl: (path) => `/files/${path}`,
    viewer: OPEN_VIEWER,
    createViewerToken: unexpected,
    ...changes,
  };
}

export interface Answer {
  readonly data: unknown;
  /** As a client gets them. */
  readonly errors: readonly GraphQLError[];
  /** What was masked, by errorId. */
  readonly masked: ReadonlyMap<string, unknown>;
}

/** Runs a request the way a server does: parsed, validated, executed, errors mapped. */
export async function ask(
  source: string,
  context: SchemaContext,
  variableValues: Record<string, unknown> = {},
): Promise<Answer> {
  const result = await graphql({ schema, source, contextValue: context, variableValues });
  const masked = new Map<string, unknown>();
  const errors = mapErrors(result.errors ?? [], {
    schema,
    onInternal: (errorId, error) => masked.set(errorId, error),
  });
  // Plain objects, as after JSON.
  return { data: JSON.parse(JSON.stringify(result.data ?? null)), errors, masked };
}
