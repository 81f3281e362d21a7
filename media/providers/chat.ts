/** The port to language models. */
import type { z } from 'zod';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A question whose answer is JSON of a known shape. */
export interface ChatRequest<T> {
  readonly messages: readonly ChatMessage[];
  /** Name of the shape: letters, digits, `_` and `-`. */
  readonly name: string;
  /** The shape that the answer must have; sent to the model as a JSON schema and checked here. */
  readonly schema: z.ZodType<T>;
  readonly signal: AbortSignal;
  /** Called as the answer grows, with its approximate length so far in tokens (servers give exact counts only at the end). */
  readonly onTokens?: (tokens: number) => void;
}

export interface ChatAnswer<T> {
  readonly value: T;
  readonly costUsd: number;
}

export interface ChatProvider {
  /** For metadata: the model's name. */
  readonly name: string;
  /**
   * Asks the model; an answer that does not fit the schema is sent back once with a description of the problem.
   * @throws PlayheadError PROVIDER_FAILED, PROVIDER_REJECTED, TIMED_OUT, or the signal's own reason
   */
  ask<T>(request: ChatRequest<T>): Promise<ChatAnswer<T>>;
}
