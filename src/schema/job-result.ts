/** What each workflow returns, and the union of them. */
import type { Json } from '../core/json.ts';
import type {
  AudioResult,
  BatchResult,
  JobResult,
  LipsyncResult,
  ScriptResult,
  VideoResult,
} from '../jobs/contract.ts';
import { ArtifactRef } from './artifact.ts';
import { builder } from './builder.ts';

const TOTAL_COST = 'Sum of what the providers reported, in US dollars, 0 or more; 0 when all work was local.';

const VideoResultRef = builder.objectRef<VideoResult>('VideoResult').implement({
  description: 'Result of the workflow DIRECTOR: a finished video.',
  fields: (t) => ({
    finalVideoPath: t.exposeString('finalVideoPath', {
      description: 'Place of the video in the store, the same as `video.path`.',
    }),
    video: t.expose('video', {
      type: ArtifactRef,
      description: 'The video: MP4 with H.264 and AAC, 1280x720, 25 frames a second, captions burned in.',
    }),
    subtitles: t.expose('subtitles', {
      type: ArtifactRef,
      description: 'The spoken lines with their times as a subtitle file (`contentType` says which format).',
    }),
    thumbnail: t.expose('thumbnail', { type: ArtifactRef, description: 'One picture of the video.' }),
    totalDuration: t.exposeFloat('totalDuration', {
      description: 'Length of the video in seconds, above 0.',
    }),
    totalCostUsd: t.exposeFloat('totalCostUsd', { description: TOTAL_COST }),
    clips: t.exposeInt('clips', { description: 'Number of clips that the video is made of, 1 or more.' }),
  }),
});

const AudioResultRef = builder.objectRef<AudioResult>('AudioResult').implement({
  description: 'Result of the workflow AUDIO: speech that was heard back and compared with its text.',
  fields: (t) => ({
    audio: t.expose('audio', { type: ArtifactRef, description: 'The speech.' }),
    transcript: t.exposeString('transcript', { description: 'What speech recognition heard in it.' }),
    similarity: t.exposeFloat('similarity', {
      description: 'How alike the transcript and the text are, 0..1; 1 is the same words.',
    }),
    tries: t.exposeInt('tries', { description: 'How often it was spoken until it was accepted, 1 or more.' }),
    totalDuration: t.exposeFloat('totalDuration', {
      description: 'Length of the speech in seconds, above 0.',
    }),
    totalCostUsd: t.exposeFloat('totalCostUsd', { description: TOTAL_COST }),
  }),
});

const ScriptResultRef = builder.objectRef<ScriptResult>('ScriptResult').implement({
  description: 'Result of the workflow WRITER: a script that generateVideo takes.',
  fields: (t) => ({
    script: t.expose('script', { type: ArtifactRef, description: 'The script as a text file.' }),
    title: t.exposeString('title', { description: 'Title of the script.' }),
    text: t.exposeString('text', {
      description: 'The script itself: lines `NAME: text`, scene headings `## Scene`.',
    }),
    scenes: t.exposeInt('scenes', { description: 'Number of scenes, 1 or more.' }),
    estimatedDuration: t.exposeFloat('estimatedDuration', {
      description: 'How long a video of it would be, in seconds, above 0.',
    }),
    totalCostUsd: t.exposeFloat('totalCostUsd', { description: TOTAL_COST }),
  }),
});

const LipsyncResultRef = builder.objectRef<LipsyncResult>('LipsyncResult').implement({
  description: 'Result of the workflow LIPSYNC: a character that speaks given audio.',
  fields: (t) => ({
    video: t.expose('video', { type: ArtifactRef, description: 'The video: MP4 with H.264 and AAC.' }),
    cues: t.expose('cues', {
      type: ArtifactRef,
      description: 'The mouth shapes with their times as a JSON file.',
    }),
    totalDuration: t.exposeFloat('totalDuration', {
      description: 'Length of the video in seconds, above 0.',
    }),
    totalCostUsd: t.exposeFloat('totalCostUsd', { description: TOTAL_COST }),
  }),
});

const BatchResultRef = builder.objectRef<BatchResult>('BatchResult').implement({
  description:
    'Result of a batch, whatever became of its items: how they ended. Their own results and errors stand in Job.items.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'Number of items: succeeded + failed + cancelled.' }),
    succeeded: t.exposeInt('succeeded', { description: 'Items that ended COMPLETED.' }),
    failed: t.exposeInt('failed', { description: 'Items that ended FAILED.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Items that ended CANCELLED.' }),
  }),
});

type ResultRef<Result extends JobResult> = ReturnType<
  ReturnType<typeof builder.objectRef<Result>>['implement']
>;
const resultTypes = new Map<JobResult['type'], ResultRef<JobResult>>();

/** Makes a type one of JobResult's; the schema module of a workflow calls it for its result. */
export function addResultType<Result extends JobResult>(name: Result['type'], ref: ResultRef<Result>): void {
  // Refs differ by the type of what they describe alone, and the union tells its members apart by name.
  resultTypes.set(name, ref as unknown as ResultRef<JobResult>);
}

addResultType('VideoResult', VideoResultRef);
addResultType('AudioResult', AudioResultRef);
addResultType('ScriptResult', ScriptResultRef);
addResultType('LipsyncResult', LipsyncResultRef);
addResultType('BatchResult', BatchResultRef);

export const JobResultRef = builder.unionType('JobResult', {
  description: 'What a completed job made; which one follows from the job’s taskName.',
  types: () => [...resultTypes.values()],
  resolveType: (result: JobResult) => result.type,
});

/**
 * A stored result with its type.
 * @throws TypeError when it is none of this server's results, as when a newer worker wrote it
 */
export function toJobResult(stored: Json): JobResult {
  const type = typeof stored === 'object' && stored !== null ? Reflect.get(stored, 'type') : undefined;
  if (!resultTypes.has(type as JobResult['type'])) {
    throw new TypeError(
      `result type: expected one of ${[...resultTypes.keys()].join(', ')}, received ${type}`,
    );
  }
  // Only workflows write results, and theirs are typed by jobs/contract.ts.
  return stored as unknown as JobResult;
}
