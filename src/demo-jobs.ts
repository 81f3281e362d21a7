/** The demo's requests: a job or a batch is started by its mutation and followed by subscription to its end. */
import { join } from 'node:path';
import type { Client } from 'graphql-ws';
import { z } from 'zod';
import { createBatchView, createJobView } from './demo-views.ts';
import { STEP_TABLES, type Workflow } from './progress/steps.ts';

const PROJECT = 'demo';

const INPUT_TYPES = {
  generateVideo: 'GenerateVideoInput',
  generateAudio: 'GenerateAudioInput',
  syncLips: 'SyncLipsInput',
  writeScript: 'WriteScriptInput',
  generateAudioBatch: 'GenerateAudioBatchInput',
} as const;

export interface DemoJob {
  readonly mutation: keyof typeof INPUT_TYPES;
  readonly workflow: Workflow;
  readonly input: Readonly<Record<string, unknown>>;
}

const WATCH = /* GraphQL */ `
  subscription Demo($projectId: ID!, $jobId: ID, $after: ID) {
    jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
      __typename
      ... on Event { jobId }
      ... on ProgressEvent { progress step message }
      ... on ErrorEvent { error code willRetry }
      ... on CompletionEvent {
        result {
          __typename
          ... on VideoResult { totalDuration clips video { path url sizeBytes } }
          ... on AudioResult { totalDuration similarity tries transcript audio { path url sizeBytes } }
          ... on LipsyncResult { totalDuration video { path url sizeBytes } }
          ... on ScriptResult { title scenes estimatedDuration script { path url sizeBytes } }
          ... on BatchResult { total succeeded failed }
        }
      }
    }
  }
`;

const artifact = z.object({ path: z.string(), url: z.string(), sizeBytes: z.number() });
const resultSchema = z.discriminatedUnion('__typename', [
  z.object({
    __typename: z.literal('VideoResult'),
    totalDuration: z.number(),
    clips: z.number(),
    video: artifact,
  }),
  z.object({
    __typename: z.literal('AudioResult'),
    totalDuration: z.number(),
    similarity: z.number(),
    tries: z.number(),
    transcript: z.string(),
    audio: artifact,
  }),
  z.object({ __typename: z.literal('LipsyncResult'), totalDuration: z.number(), video: artifact }),
  z.object({
    __typename: z.literal('ScriptResult'),
    title: z.string(),
    scenes: z.number(),
    estimatedDuration: z.number(),
    script: artifact,
  }),
  z.object({
    __typename: z.literal('BatchResult'),
    total: z.number(),
    succeeded: z.number(),
    failed: z.number(),
  }),
]);
type Result = z.infer<typeof resultSchema>;

const event = z.discriminatedUnion('__typename', [
  z.object({
    __typename: z.literal('ProgressEvent'),
    jobId: z.string(),
    progress: z.number(),
    step: z.string().nullable(),
    message: z.string(),
  }),
  z.object({
    __typename: z.literal('ErrorEvent'),
    jobId: z.string(),
    error: z.string(),
    code: z.string(),
    willRetry: z.boolean(),
  }),
  z.object({ __typename: z.literal('CompletionEvent'), jobId: z.string(), result: resultSchema }),
]);
type Event = z.infer<typeof event>;

interface Ended {
  readonly id: string;
  readonly result: Result;
}

/** Starts a job and shows a bar per step until it ends. @throws Error with the code when it failed */
export async function runJob(client: Client, { mutation, workflow, input }: DemoJob): Promise<Ended> {
  const { id } = await start(client, mutation, input);
  process.stdout.write(`\n${mutation}, job ${id}\n\n`);
  const view = createJobView(STEP_TABLES[workflow].steps);
  try {
    for await (const seen of watch(client, { jobId: id })) {
      if (seen.__typename === 'CompletionEvent') return { id, result: seen.result };
      if (seen.__typename === 'ProgressEvent') view.show(seen);
      else if (!seen.willRetry) throw new Error(`${seen.code}: ${seen.error}`);
    }
  } finally {
    view.close();
  }
  throw new Error('The stream ended before the job did');
}

interface DemoBatch {
  readonly mutation: 'generateAudioBatch';
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** Starts a batch and shows a bar per item until all have ended. */
export async function runBatch(client: Client, { mutation, items }: DemoBatch): Promise<Ended> {
  const { id, itemIds, lastEventId } = await start(client, mutation, { items });
  process.stdout.write(`\n${mutation}, job ${id}\n\n`);
  const view = createBatchView(items.length);
  try {
    // The project's stream has the events of the batch and of its items.
    for await (const seen of watch(client, { after: lastEventId })) {
      const item = itemIds.indexOf(seen.jobId);
      if (seen.__typename === 'ProgressEvent') view.show(item, seen);
      if (seen.__typename !== 'CompletionEvent') continue;
      if (seen.jobId === id) return { id, result: seen.result };
      view.show(item, { progress: 1, step: 'done', message: 'Done' });
    }
  } finally {
    view.close();
  }
  throw new Error('The stream ended before the batch did');
}

/** What a result is, and where, in words. @param dataDir folder whose `artifacts` the paths are in */
export function describeResult(result: Result, dataDir: string): string {
  switch (result.__typename) {
    case 'VideoResult': {
      const size = (result.video.sizeBytes / 1e6).toFixed(1);
      const what = `a video of ${result.totalDuration.toFixed(1)} s in ${result.clips} clips, ${size} MB`;
      return what + place(result.video, dataDir);
    }
    case 'AudioResult': {
      const likeness = `${(result.similarity * 100).toFixed(1)} % alike when heard back (try ${result.tries})`;
      return `speech of ${result.totalDuration.toFixed(1)} s, ${likeness}${place(result.audio, dataDir)}`;
    }
    case 'LipsyncResult':
      return `a talking head of ${result.totalDuration.toFixed(1)} s${place(result.video, dataDir)}`;
    case 'ScriptResult': {
      const length = `${result.scenes} scenes, about ${Math.round(result.estimatedDuration)} s`;
      return `the script "${result.title}", ${length}${place(result.script, dataDir)}`;
    }
    case 'BatchResult':
      return `${result.succeeded} of ${result.total} items succeeded, ${result.failed} failed`;
  }
}

function place({ path, url }: z.infer<typeof artifact>, dataDir: string): string {
  return `\n  File  ${join(dataDir, 'artifacts', path)}\n  URL   ${url}  (while the server runs: npm start)`;
}

interface Started {
  readonly id: string;
  readonly itemIds: readonly string[];
  readonly lastEventId: string;
}

async function start(client: Client, mutation: DemoJob['mutation'], input: object): Promise<Started> {
  const query = `mutation Demo($input: ${INPUT_TYPES[mutation]}!) { job: ${mutation}(input: $input) { id lastEventId items { id } } }`;
  const started = z.object({
    job: z.object({
      id: z.string(),
      lastEventId: z.string(),
      items: z.array(z.object({ id: z.string() })),
    }),
  });
  for await (const answer of client.iterate({
    query,
    variables: { input: { projectId: PROJECT, ...input } },
  })) {
    const { id, items, lastEventId } = started.parse(dataOf(answer)).job;
    return { id, itemIds: items.map((item) => item.id), lastEventId };
  }
  throw new Error('No answer');
}

async function* watch(client: Client, selection: { jobId?: string; after?: string }): AsyncGenerator<Event> {
  const variables = { projectId: PROJECT, ...selection };
  for await (const answer of client.iterate({ query: WATCH, variables })) {
    yield z.object({ jobEvents: event }).parse(dataOf(answer)).jobEvents;
  }
}

function dataOf(answer: {
  data?: unknown;
  errors?: readonly { readonly message: string }[] | undefined;
}): unknown {
  if (answer.errors !== undefined) throw new Error(answer.errors.map((error) => error.message).join('; '));
  return answer.data;
}
