/** The writer that asks a language model: one question per step or scene, with every answer checked. */
import { PlayheadError } from 'playhead';
import { z } from 'zod';
import type { ChatMessage, ChatProvider } from '../providers/chat.ts';
import { splitDirections } from '../script-formats/directions.ts';
import { scriptInputSchema } from '../workflows/director/input.ts';
import type { BriefInput } from '../workflows/writer/input.ts';
import { analysisPrompt, dialoguePrompt, draftPrompt, outlinePrompt, reviewPrompt } from './prompts.ts';
import {
  type Analysis,
  type Dialogue,
  type Drafts,
  type Outline,
  printScript,
  type ScriptWriter,
  SPEAKERS,
  type WritingStep,
  type WrittenScene,
} from './script-parts.ts';

/** A model's text as one line: no line ends, control characters, leading markup or brackets (which a script drops). */
const line = (limitChars: number) =>
  z
    .string()
    .transform((text) =>
      splitDirections(
        text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').replace(/^[\s#*>-]+/u, ''),
        true,
      ).text.replaceAll(/\*\*|__/g, ''),
    )
    .refine((text) => /[\p{L}\p{N}]/u.test(text) && text.isWellFormed(), { error: 'expected words' })
    .refine((text) => text.length <= limitChars, { error: `expected at most ${limitChars} characters` });

const point = line(400);
const analysisSchema = z.object({ title: line(200), points: z.array(point).min(1).max(40) });
const sceneSchema = z.object({ heading: line(120), points: z.array(point).min(1).max(40) });
const draftSchema = z.object({ draft: z.string().trim().min(1).max(6_000) });
const dialogueSchema = (speakers: readonly [string, string]) =>
  z.object({
    lines: z
      .array(z.object({ speaker: z.enum(speakers), text: line(400) }))
      .min(1)
      .max(24),
  });
const reviewSchema = z.object({
  corrections: z.array(z.object({ scene: z.int(), line: z.int(), text: line(400) })).max(100),
});

/** Approximate number of tokens in each kind of answer; progress is measured against it. */
const EXPECTED_TOKENS = {
  analysis: 300,
  outlinePerScene: 90,
  draft: 260,
  dialogue: 340,
  review: 160,
} as const;
const DEFAULT_SCENES = 4;

/** Makes the writer that asks `chat`. */
export function createChatWriter(chat: ChatProvider): ScriptWriter {
  return new ChatWriter(chat);
}

class ChatWriter implements ScriptWriter {
  readonly kind = 'chat';
  readonly model: string;
  readonly #chat: ChatProvider;

  constructor(chat: ChatProvider) {
    this.model = chat.name;
    this.#chat = chat;
  }

  async analyze(input: BriefInput, step: WritingStep): Promise<Analysis> {
    const calls = new CallProgress(step, [EXPECTED_TOKENS.analysis]);
    const { value, costUsd } = await this.#ask('analysis', analysisSchema, analysisPrompt(input), calls);
    return { title: input.title ?? value.title, points: value.points, costUsd };
  }

  async outline(input: BriefInput, { title, points }: Analysis, step: WritingStep): Promise<Outline> {
    const calls = new CallProgress(step, [
      EXPECTED_TOKENS.outlinePerScene * (input.scenes ?? DEFAULT_SCENES),
    ]);
    const scenes = z.array(sceneSchema);
    const schema = z.object({
      scenes: input.scenes === null ? scenes.min(1).max(8) : scenes.length(input.scenes),
    });
    const { value, costUsd } = await this.#ask('outline', schema, outlinePrompt(input, title, points), calls);
    return { scenes: value.scenes, costUsd };
  }

  async draft(input: BriefInput, { scenes }: Outline, step: WritingStep): Promise<Drafts> {
    const calls = new CallProgress(
      step,
      scenes.map(() => EXPECTED_TOKENS.draft),
    );
    const drafts: string[] = [];
    let costUsd = 0;
    for (const scene of scenes) {
      const answer = await this.#ask('draft', draftSchema, draftPrompt(input, scene), calls);
      drafts.push(answer.value.draft);
      costUsd += answer.costUsd;
    }
    return { drafts, costUsd };
  }

  async speak(input: BriefInput, outline: Outline, { drafts }: Drafts, step: WritingStep): Promise<Dialogue> {
    const calls = new CallProgress(
      step,
      drafts.map(() => EXPECTED_TOKENS.dialogue),
    );
    const schema = dialogueSchema(SPEAKERS[input.language]);
    const scenes: WrittenScene[] = [];
    let costUsd = 0;
    for (const [index, { heading }] of outline.scenes.entries()) {
      const prompt = dialoguePrompt(input, heading, drafts[index] ?? '');
      const answer = await this.#ask('dialogue', schema, prompt, calls);
      scenes.push({ heading, lines: answer.value.lines });
      costUsd += answer.costUsd;
    }
    return { scenes, costUsd };
  }

  async review(
    input: BriefInput,
    { title }: Analysis,
    { scenes }: Dialogue,
    step: WritingStep,
  ): Promise<Dialogue> {
    const calls = new CallProgress(step, [EXPECTED_TOKENS.review]);
    const { value, costUsd } = await this.#ask('review', reviewSchema, reviewPrompt(input, scenes), calls);
    const texts = new Map(value.corrections.map((one) => [`${one.scene}.${one.line}`, one.text]));
    const corrected = scenes.map(({ heading, lines }, scene) => ({
      heading,
      lines: lines.map(({ speaker, text }, index) => ({
        speaker,
        text: texts.get(`${scene + 1}.${index + 1}`) ?? text,
      })),
    }));
    checkUsable(title, corrected);
    return { scenes: corrected, costUsd };
  }

  async #ask<T>(
    name: string,
    schema: z.ZodType<T>,
    messages: readonly ChatMessage[],
    calls: CallProgress,
  ): Promise<{ value: T; costUsd: number }> {
    const onTokens = calls.begin();
    const answer = await this.#chat.ask({ name, schema, messages, signal: calls.signal, onTokens });
    calls.end();
    return answer;
  }
}

/** Progress over the calls of one step: all count the same, each measured by its expected tokens. */
class CallProgress {
  readonly signal: AbortSignal;
  readonly #step: WritingStep;
  readonly #expected: readonly number[];
  #call = 0;
  #share = 0;

  constructor(step: WritingStep, expected: readonly number[]) {
    this.signal = step.signal;
    this.#step = step;
    this.#expected = expected;
  }

  /** Begins the next call. @returns a function that receives its token count */
  begin(): (tokens: number) => void {
    this.#report(0);
    return (tokens) => {
      const expected = this.#expected[this.#call] ?? 1;
      // An answer may be longer than expected: progress stays just short of the end until the answer is complete.
      this.#report(Math.min(0.95, tokens / expected));
    };
  }

  end(): void {
    this.#call += 1;
    this.#report(0);
  }

  /** Progress never decreases, although a repaired or repeated answer starts again at its first token. */
  #report(ofCall: number): void {
    this.#share = Math.max(this.#share, (this.#call + ofCall) / Math.max(1, this.#expected.length));
    this.#step.onProgress(this.#share, Math.min(this.#call + 1, this.#expected.length));
  }
}

/** Rejects a script that the Director would not accept. */
function checkUsable(title: string, scenes: readonly WrittenScene[]): void {
  const parsed = scriptInputSchema.safeParse({ script: printScript(title, scenes) });
  if (parsed.success) return;
  throw new PlayheadError(
    'PROVIDER_FAILED',
    `Chat API: expected a script that can be filmed, received one with: ${parsed.error.issues[0]?.message}`,
    { details: { provider: 'Chat', error_code: 'bad_answer' } },
  );
}
