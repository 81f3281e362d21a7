/** How a command ends, and why it failed. */

/** The process's exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface FailureOptions extends ErrorOptions {
  /** What the user can do about it, in one sentence. */
  readonly fix?: string | undefined;
  /** `usage` when the request was wrong and nothing was started; default `failed`. */
  readonly exitCode?: ExitCode;
  /** How long the server asks to wait before retrying. */
  readonly retryAfterSeconds?: number | undefined;
}

/** What a command reports instead of a result. The message says what was wrong. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** A code of docs/errors.md, or NETWORK, BROKEN_CONNECTION, USAGE, FILE, NO_FILES, DOWNLOAD. */
  readonly code: string;
  readonly fix: string | undefined;
  readonly exitCode: ExitCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: FailureOptions = {}) {
    const { fix, exitCode = EXIT.failed, retryAfterSeconds, ...rest } = options;
    super(message, rest);
    this.code = code;
    this.fix = fix;
    this.exitCode = exitCode;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** @param fix as in Failure */
export function usageFailure(message: string, fix?: string): Failure {
  return new Failure('USAGE', message, { fix, exitCode: EXIT.usage });
}
