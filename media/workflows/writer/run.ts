/** The Writer: turns a brief into a script for the Director. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError, type StepRun, storageFailure } from 'playhead';
import type { ChatProvider } from '../../providers/chat.ts';
import type { MediaServices } from '../../services.ts';
import { createChatWriter } from '../../writing/chat-writer.ts';
import { estimateScriptSeconds } from '../../writing/duration.ts';
import { createExtractiveWriter } from '../../writing/extractive-writer.ts';
import {
  type Dialogue,
  printScript,
  type ScriptWriter,
  type WritingStep,
} from '../../writing/script-parts.ts';
import type { ScriptResult, WriterRun } from './definition.ts';
import { type MessageKey, message } from './messages.ts';

export interface WriterSettings {
  /** The language model that writes; undefined: the brief's own sentences are arranged, and nothing is invented. */
  readonly chat?: ChatProvider | undefined;
}

type WriterChoice = { readonly writer: ScriptWriter['kind']; readonly model: string | null };

/**
 * Writes a script. Its artifact is `script.txt`; the events' metadata name the writer: `writer` is `chat` (with `model`) or
 * `extractive`.
 * Errors by code: INVALID_INPUT (the extractive writer got a topic alone), PROVIDER_FAILED, PROVIDER_REJECTED, TIMED_OUT,
 * STORAGE_FAILED, TOOL_MISSING (a chat provider that began the script is no longer configured), CANCELLED.
 */
export function run(run: WriterRun, { providers }: Pick<MediaServices, 'providers'>): Promise<ScriptResult> {
  return write({ chat: providers.chat }, run);
}

async function write(settings: WriterSettings, run: WriterRun): Promise<ScriptResult> {
  const { input } = run;
  const say = (key: MessageKey): string => message(input.language, key);
  const choice = await run.step('start', say('writer.start'), async () => choose(settings, run));
  const writer = writerFor(choice, settings);
  const at = (step: StepRun, key: MessageKey, total?: number): WritingStep =>
    toWritingStep(run, choice, { step, key, total });

  const analysis = await run.step('analyze_brief', say('writer.analyze'), (step) =>
    writer.analyze(input, at(step, 'writer.analyze')),
  );
  const outline = await run.step('outline', say('writer.outline'), async (step) => {
    const made = await writer.outline(input, analysis, at(step, 'writer.outline'));
    warnOfFewerScenes(run, made.scenes.length);
    return made;
  });
  const total = outline.scenes.length;
  run.measure({ clips: total });
  const drafts = await run.step('draft_scenes', say('writer.draft'), (step) =>
    writer.draft(input, outline, at(step, 'writer.draftScene', total)),
  );
  const spoken = await run.step('write_dialogue', say('writer.dialogue'), (step) =>
    writer.speak(input, outline, drafts, at(step, 'writer.dialogueScene', total)),
  );
  const reviewed = await run.step('review', say('writer.review'), (step) =>
    writer.review(input, analysis, spoken, at(step, 'writer.review')),
  );
  const costUsd = [analysis, outline, drafts, spoken, reviewed].reduce((sum, step) => sum + step.costUsd, 0);
  return run.step('save_script', say('writer.save'), async (step) => {
    const result = await save(run, analysis.title, reviewed, costUsd);
    // The last metadata stay in the job's snapshot.
    at(step, 'writer.save').onProgress(1);
    return result;
  });
}

/** Chosen once per job, so that a retry continues with the same writer. */
function choose({ chat }: WriterSettings, run: WriterRun): WriterChoice {
  if (chat !== undefined) return { writer: 'chat', model: chat.name };
  run.warn(message(run.input.language, 'writer.extractive'));
  return { writer: 'extractive', model: null };
}

function writerFor(choice: WriterChoice, { chat }: WriterSettings): ScriptWriter {
  if (choice.writer === 'extractive') return createExtractiveWriter();
  if (chat !== undefined) return createChatWriter(chat);
  throw new PlayheadError(
    'TOOL_MISSING',
    'The script was begun with a language model: set PLAYHEAD_CHAT_URL again, or start a new job',
  );
}

interface Reporting {
  readonly step: StepRun;
  readonly key: MessageKey;
  readonly total: number | undefined;
}

function toWritingStep(run: WriterRun, choice: WriterChoice, { step, key, total }: Reporting): WritingStep {
  const report = (share: number, scene = 1): void => {
    const values = total === undefined ? {} : { scene, total };
    const counts = total === undefined ? {} : { current_scene: scene, total_scenes: total };
    step.update(share, message(run.input.language, key, values), {
      writer: choice.writer,
      ...(choice.model !== null && { model: choice.model }),
      ...counts,
    });
  };
  report(0);
  return { signal: step.signal, onProgress: report };
}

function warnOfFewerScenes(run: WriterRun, scenes: number): void {
  const { scenes: wanted, language } = run.input;
  if (wanted !== null && scenes < wanted)
    run.warn(message(language, 'writer.fewerScenes', { scenes, wanted }));
}

async function save(
  run: WriterRun,
  title: string,
  { scenes }: Dialogue,
  totalCostUsd: number,
): Promise<
  Omit<ScriptResult, 'script'> & {
    script: { name: string; path: string; contentType: string; sizeBytes: number };
  }
> {
  const text = printScript(title, scenes);
  const path = join(run.files.scratch, 'script.txt');
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw storageFailure(`expected to write ${path}`, cause);
  }
  const script = await run.files.save('script.txt', path);
  return {
    script: { ...script },
    title,
    text,
    scenes: scenes.length,
    estimatedDuration: estimateScriptSeconds(scenes),
    totalCostUsd,
  };
}
