/** The commands that start a job. */
import { randomUUID } from 'node:crypto';
import { EXIT, type ExitCode } from './failure.ts';
import { followJob } from './follow.ts';
import { readInput, readTextOrFile } from './inputs.ts';
import { jobLine } from './json-view.ts';
import {
  GenerateAudioBatchDocument,
  GenerateAudioDocument,
  GenerateVideoBatchDocument,
  GenerateVideoDocument,
  SyncLipsDocument,
  WriteScriptDocument,
} from './operations.ts';
import { type CommonOptions, Session } from './session.ts';
import { loadJob } from './watch.ts';

/** The options of every command that starts a job. */
export interface StartOptions extends CommonOptions {
  readonly maxAttempts?: number;
  readonly idempotencyKey?: string;
  readonly detach?: true;
}

export interface VideoOptions extends StartOptions {
  readonly title?: string;
  readonly language?: string;
}

export interface AudioOptions extends StartOptions {
  readonly voice?: string;
  readonly language?: string;
  readonly minSimilarity?: number;
  readonly maxTries?: number;
}

export interface WriteOptions extends StartOptions {
  readonly title?: string;
  readonly language?: string;
  readonly scenes?: number;
}

export interface LipsOptions extends StartOptions {
  readonly character?: string;
}

/** @param files several make a batch @throws Failure */
export async function startVideo(files: readonly string[], options: VideoOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { title, language } = options;
  const scripts = await Promise.all(files.map(readInput));
  const [script, ...others] = scripts.map((text) => ({ script: text, title, language }));
  const input = jobFields(session, options);
  if (others.length === 0 && script !== undefined) {
    const { started } = await session.api.request(GenerateVideoDocument, { input: { ...input, ...script } });
    return afterStart(session, started.id, options);
  }
  const items = [script, ...others].filter((item) => item !== undefined);
  const { started } = await session.api.request(GenerateVideoBatchDocument, { input: { ...input, items } });
  return afterStart(session, started.id, options);
}

/** @param texts or names of files; several make a batch @throws Failure */
export async function startAudio(texts: readonly string[], options: AudioOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { voice, language, minSimilarity, maxTries } = options;
  const read = await Promise.all(texts.map(readTextOrFile));
  const [first, ...others] = read.map((text) => ({ text, voice, language, minSimilarity, maxTries }));
  const input = jobFields(session, options);
  if (others.length === 0 && first !== undefined) {
    const { started } = await session.api.request(GenerateAudioDocument, { input: { ...input, ...first } });
    return afterStart(session, started.id, options);
  }
  const items = [first, ...others].filter((item) => item !== undefined);
  const { started } = await session.api.request(GenerateAudioBatchDocument, { input: { ...input, items } });
  return afterStart(session, started.id, options);
}

/** @param brief or the name of a file @throws Failure */
export async function startWriting(brief: string, options: WriteOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { title, language, scenes } = options;
  const input = {
    ...jobFields(session, options),
    ...{ brief: await readTextOrFile(brief), title, language, scenes },
  };
  const { started } = await session.api.request(WriteScriptDocument, { input });
  return afterStart(session, started.id, options);
}

/** @throws Failure */
export async function startLips(audioJobId: string, options: LipsOptions): Promise<ExitCode> {
  const session = new Session(options);
  const input = { ...jobFields(session, options), audioJobId, character: options.character };
  const { started } = await session.api.request(SyncLipsDocument, { input });
  return afterStart(session, started.id, options);
}

function jobFields({ projectId }: Session, { maxAttempts, idempotencyKey }: StartOptions) {
  // With a key of its own a request that broke off can be sent again without making a second job.
  return { projectId, maxAttempts, idempotencyKey: idempotencyKey ?? randomUUID() };
}

async function afterStart(session: Session, id: string, { detach }: StartOptions): Promise<ExitCode> {
  if (!detach) {
    session.out(`Job ${id}\n`);
    return followJob(session, id, true);
  }
  if (session.json) session.line(jobLine(await loadJob(session.api, session.projectId, id)));
  session.out(id);
  return EXIT.done;
}
