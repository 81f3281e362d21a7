/** The input objects of the mutations. What they may hold is checked when the job is enqueued; nothing is checked here. */
import { builder } from './builder.ts';

const PROJECT_ID = 'The project that the job belongs to: 1 to 64 of letters, digits, `_` and `-`.';
const IDEMPOTENCY_KEY =
  '1 to 200 printable ASCII characters without spaces. The same key with the same input, for the same project and kind of job within 7 days, gives back the job that it made and starts none; with other input it is refused (IDEMPOTENCY_CONFLICT). The order of fields, and defaults that are written out, make no difference.';
const MAX_ATTEMPTS =
  'Attempts before the job is FAILED: 1..10, default 3. Only errors that can pass are tried again.';
const SCRIPT =
  'The script: lines `NAME: text`, scene headings `## Scene`, stage directions in brackets, plain text for a narrator. At least one spoken line, at most 500 of them and 100,000 characters; no control characters other than line ends and tabs.';
const TITLE =
  'Title shown at the start: at most 200 characters in one line. Default: the script’s own, if any.';
const LANGUAGE =
  'Language of speech, captions and events: one of the tags `en`, `en-US`, `en-GB`, `ko`, `ko-KR`; default `en`.';
const TEXT =
  'The text to speak: words in it, at most 20,000 characters; no control characters other than line ends and tabs.';
const VOICE =
  'Name of the voice, one of `slt`, `rms`, `awb`, `kal16`; default `slt`. Other voices speak later tries.';
const MIN_SIMILARITY =
  'How alike the text and what is heard back must be, 0..1; default 0.85. Left out, speech in a language without a recogniser is accepted unverified.';
const MAX_TRIES = 'How often the speech is made until it is alike enough: 1..10, default 3.';
const ITEMS =
  'The items, one job each, in this order: 1 to 1,000. Errors name an item from 0, for example `input.items.3.script`.';
const ITEM_ATTEMPTS =
  'Attempts of each item before it is FAILED: 1..10, default 3. Only errors that can pass are tried again.';

export const GenerateVideoInput = builder.inputType('GenerateVideoInput', {
  description: 'What generateVideo takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    script: t.string({ required: true, description: SCRIPT }),
    title: t.string({ description: TITLE }),
    language: t.string({ description: LANGUAGE }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: MAX_ATTEMPTS }),
  }),
});

const VideoItemInput = builder.inputType('VideoItemInput', {
  description: 'One video of a batch.',
  fields: (t) => ({
    script: t.string({ required: true, description: SCRIPT }),
    title: t.string({ description: TITLE }),
    language: t.string({ description: LANGUAGE }),
  }),
});

export const GenerateVideoBatchInput = builder.inputType('GenerateVideoBatchInput', {
  description: 'What generateVideoBatch takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    items: t.field({ type: [VideoItemInput], required: true, description: ITEMS }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: ITEM_ATTEMPTS }),
  }),
});

export const GenerateAudioInput = builder.inputType('GenerateAudioInput', {
  description: 'What generateAudio takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    text: t.string({ required: true, description: TEXT }),
    voice: t.string({ description: VOICE }),
    language: t.string({ description: LANGUAGE }),
    minSimilarity: t.float({ description: MIN_SIMILARITY }),
    maxTries: t.int({ description: MAX_TRIES }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: MAX_ATTEMPTS }),
  }),
});

const AudioItemInput = builder.inputType('AudioItemInput', {
  description: 'One piece of speech of a batch.',
  fields: (t) => ({
    text: t.string({ required: true, description: TEXT }),
    voice: t.string({ description: VOICE }),
    language: t.string({ description: LANGUAGE }),
    minSimilarity: t.float({ description: MIN_SIMILARITY }),
    maxTries: t.int({ description: MAX_TRIES }),
  }),
});

export const GenerateAudioBatchInput = builder.inputType('GenerateAudioBatchInput', {
  description: 'What generateAudioBatch takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    items: t.field({ type: [AudioItemInput], required: true, description: ITEMS }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: ITEM_ATTEMPTS }),
  }),
});

export const WriteScriptInput = builder.inputType('WriteScriptInput', {
  description: 'What writeScript takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    brief: t.string({
      required: true,
      description:
        'What the script shall be about: a topic, notes or an article with words in it, at most 20,000 characters; no control characters other than line ends and tabs. A topic alone needs a language model.',
    }),
    title: t.string({
      description:
        'Title of the script: at most 200 characters in one line. Default: one is made from the brief.',
    }),
    language: t.string({
      description:
        'Language of the script and of events: one of the tags `en`, `en-US`, `en-GB`, `ko`, `ko-KR`. Default: `ko` for a brief that is mostly Hangul, otherwise `en`.',
    }),
    scenes: t.int({
      description:
        'Number of scenes, 1..20; the brief may have enough for fewer. Default: what fits the brief.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: MAX_ATTEMPTS }),
  }),
});

export const SyncLipsInput = builder.inputType('SyncLipsInput', {
  description: 'What syncLips takes.',
  fields: (t) => ({
    projectId: t.id({ required: true, description: PROJECT_ID }),
    audioJobId: t.id({
      required: true,
      description: 'Id of a COMPLETED job of the workflow AUDIO in the same project, whose speech is used.',
    }),
    character: t.string({
      description:
        'Name of the character that speaks, as in the cast: 1 to 40 characters in one line; an unknown name gets a look of its own. Default: the one whose voice it is.',
    }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
    maxAttempts: t.int({ description: MAX_ATTEMPTS }),
  }),
});
