/**
 * What the reporters of tracked jobs send, parsed. A report is refused if it makes no sense, but never because a message is too
 * long: that is cut, since the task's ending must not be lost because of it.
 */
import { z } from 'zod';
import { badInput } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject, toJson } from '../core/json.ts';
import { toStepRanges } from '../progress/step-shares.ts';
import type { StepRange } from '../progress/steps.ts';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_EXPECTED } from './idempotency-key.ts';
import { parseInput } from './input-parsing.ts';
import { parseProjectId } from './project-id.ts';

/** The most reports in one call. */
export const MAX_REPORTS = 500;
export const MIN_LEASE_SECONDS = 5;
export const MAX_LEASE_SECONDS = 3_600;
export const DEFAULT_LEASE_SECONDS = 60;
/** The most attempts that a tracked job may announce. */
export const MAX_TRACKED_ATTEMPTS = 1_000;
const MAX_STEPS = 100;
const MAX_LINKS = 100;
/** The most characters that an input or a result may have as JSON. */
export const MAX_JSON_CHARS = 100_000;
export const MAX_RETRY_AFTER_SECONDS = 30 * 24 * 3_600;

/** Text that people read: no control characters and no lone surrogates. */
function name(most: number, expected = `1 to ${most} characters without control characters`) {
  return z
    .string({ error: `expected ${expected}` })
    .min(1, { error: `expected ${expected}` })
    .max(most, { error: `expected ${expected}` })
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), { error: `expected ${expected}` });
}

function number(low: number, high: number, expected = `a number from ${low} to ${high}`) {
  return z
    .number({ error: `expected ${expected}` })
    .min(low, { error: `expected ${expected}` })
    .max(high, { error: `expected ${expected}` });
}

function whole(low: number, high: number) {
  const expected = `a whole number from ${low} to ${high}`;
  return number(low, high, expected).refine(Number.isInteger, { error: `expected ${expected}` });
}

const text = z.string({ error: 'expected text' });
const json = z.custom<Json>((value) => value !== undefined && toJson(value).length <= MAX_JSON_CHARS, {
  error: `expected at most ${MAX_JSON_CHARS} characters of JSON`,
});
const facts = z.custom<JsonObject>(isJsonObject, { error: 'expected an object' });
const callKey = z.string().regex(IDEMPOTENCY_KEY, { error: `expected ${IDEMPOTENCY_KEY_EXPECTED}` });

const stepSchema = z.object({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, {
    error: 'expected 1 to 64 letters, digits and _, with a letter first',
  }),
  share: number(0, 1e9, 'a number of 0 or more'),
});

const trackSchema = z.object({
  projectId: z.string(),
  taskName: name(100),
  externalId: name(200).optional(),
  idempotencyKey: callKey.optional(),
  title: text.optional(),
  input: json.optional(),
  steps: z
    .array(stepSchema)
    .max(MAX_STEPS, { error: `expected at most ${MAX_STEPS} steps` })
    .optional(),
  leaseSeconds: whole(MIN_LEASE_SECONDS, MAX_LEASE_SECONDS).optional(),
  maxAttempts: whole(1, MAX_TRACKED_ATTEMPTS).optional(),
  restart: z.boolean().default(false),
});

const holder = { projectId: z.string(), jobId: z.string(), lease: z.string() };

const LINK = 'expected an http or https address of at most 2048 characters';
const linkSchema = z.object({
  url: z.string().max(2_048, { error: LINK }).refine(isWebAddress, { error: LINK }),
  contentType: z.string().regex(/^[\w.+-]{1,127}\/[\w.+-]{1,127}(;[\x20-\x7e]{0,127})?$/, {
    error: 'expected a media type, such as video/mp4',
  }),
  sizeBytes: number(0, Number.MAX_SAFE_INTEGER, 'a whole number of 0 or more')
    .refine(Number.isInteger, { error: 'expected a whole number of 0 or more' })
    .optional(),
  name: name(200).optional(),
});

const progressSchema = z
  .object({
    ...holder,
    progress: number(0, 1).optional(),
    step: text.optional(),
    stepProgress: number(0, 1).optional(),
    message: text.optional(),
    metadata: facts.optional(),
    preview: linkSchema.optional(),
    sequence: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  })
  .refine(({ progress, stepProgress }) => progress === undefined || stepProgress === undefined, {
    path: ['stepProgress'],
    error: 'expected either progress or stepProgress',
  });

const errorSchema = z.object({
  ...holder,
  error: text,
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'expected 1 to 64 capital letters, digits and _' })
    .default('TASK_FAILED'),
  details: facts.optional(),
  willRetry: z.boolean().default(false),
  retryAfterSeconds: number(0, MAX_RETRY_AFTER_SECONDS).optional(),
});

const completionSchema = z.object({
  ...holder,
  result: json.optional(),
  artifacts: z
    .array(linkSchema)
    .max(MAX_LINKS, { error: `expected at most ${MAX_LINKS} artifacts` })
    .default([]),
});

/** Null stands for a field that is left out. */
type Optional<T> = T | null | undefined;

/** The input that begins an attempt, as received; schema.graphql says what each field takes. */
export interface TrackInput {
  readonly projectId: string;
  readonly taskName: string;
  readonly externalId?: Optional<string>;
  readonly idempotencyKey?: Optional<string>;
  readonly title?: Optional<string>;
  readonly input?: Optional<Json>;
  readonly steps?: Optional<readonly { readonly name: string; readonly share: number }[]>;
  readonly leaseSeconds?: Optional<number>;
  readonly maxAttempts?: Optional<number>;
  readonly restart?: Optional<boolean>;
}

/** The holder of a job: the lease is known only to the task that the job tracks. */
export interface Holder {
  readonly projectId: string;
  readonly jobId: string;
  readonly lease: string;
}

/** A link, as received. */
interface LinkInput {
  readonly url: string;
  readonly contentType: string;
  readonly sizeBytes?: Optional<number>;
  readonly name?: Optional<string>;
}

/** A report of progress, as received. With nothing but the holder's fields, it is a heartbeat. */
export interface ProgressInput extends Holder {
  readonly progress?: Optional<number>;
  readonly step?: Optional<string>;
  readonly stepProgress?: Optional<number>;
  readonly message?: Optional<string>;
  /** An object. */
  readonly metadata?: Optional<Json>;
  readonly preview?: Optional<LinkInput>;
  readonly sequence?: Optional<number>;
}

/** A report of a failure, as received. */
export interface ErrorInput extends Holder {
  readonly error: string;
  readonly code?: Optional<string>;
  /** An object. */
  readonly details?: Optional<Json>;
  readonly willRetry?: Optional<boolean>;
  readonly retryAfterSeconds?: Optional<number>;
}

/** A report of the result, as received. */
export interface CompletionInput extends Holder {
  readonly result?: Optional<Json>;
  readonly artifacts?: Optional<readonly LinkInput[]>;
}

export type TrackRequest = z.output<typeof trackSchema> & {
  /** The ranges of the steps; null: no steps were given. */
  readonly ranges: readonly StepRange[] | null;
};
export type ProgressRequest = z.output<typeof progressSchema>;
export type ErrorRequest = z.output<typeof errorSchema>;
export type CompletionRequest = z.output<typeof completionSchema>;
export type LinkRequest = z.output<typeof linkSchema>;

/** @param field the path that the input came in @throws PlayheadError BAD_USER_INPUT */
export function parseTrack(input: TrackInput, field: string): TrackRequest {
  const parsed = parse(trackSchema, input, field);
  return { ...parsed, ranges: parseSteps(parsed.steps, field) };
}

/** @param field the path that the input came in @throws PlayheadError BAD_USER_INPUT */
export function parseProgress(input: ProgressInput, field: string): ProgressRequest {
  return parse(progressSchema, input, field);
}

/** @param field the path that the input came in @throws PlayheadError BAD_USER_INPUT */
export function parseError(input: ErrorInput, field: string): ErrorRequest {
  return parse(errorSchema, input, field);
}

/** @param field the path that the input came in @throws PlayheadError BAD_USER_INPUT */
export function parseCompletion(input: CompletionInput, field: string): CompletionRequest {
  return parse(completionSchema, input, field);
}

function parse<Schema extends z.ZodType<{ readonly projectId: string }>>(
  schema: Schema,
  input: unknown,
  field: string,
): z.output<Schema> {
  // parseInput returns what the schema produces.
  const parsed = parseInput(schema, input, field) as z.output<Schema>;
  parseProjectId(parsed.projectId, `${field}.projectId`);
  return parsed;
}

function parseSteps(steps: z.output<typeof trackSchema>['steps'], field: string) {
  if (steps === undefined || steps.length === 0) return null;
  const twice = steps.findIndex(({ name: step }, at) => steps.findIndex((one) => one.name === step) !== at);
  if (twice >= 0) throw badInput(`${field}.steps.${twice}.name`, 'each name once', steps[twice]?.name);
  if (steps.every(({ share }) => share === 0)) throw badInput(`${field}.steps`, 'a share above 0');
  return toStepRanges(
    Object.fromEntries(steps.map(({ name: step, share }) => [step, share])),
    `${field}.steps`,
  );
}

function isWebAddress(address: string): boolean {
  const protocol = URL.parse(address)?.protocol;
  return address.isWellFormed() && (protocol === 'https:' || protocol === 'http:');
}
