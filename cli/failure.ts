/** How a command ends, and why it could not do what it was asked. */

/** The process's exit codes. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface FailureOptions extends ErrorOptions {
  /** What the person can do about it, in one sentence. */
  readonly fix?: string | undefined;
  /** `usage` when the request was wrong and nothing was started; default `failed`. */
  readonly exitCode?: ExitCode;
}

/** What a command reports instead of a result. The message says what was wrong. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** A code of docs/errors.md, or NETWORK, REFUSED, USAGE, FILE. */
  readonly code: string;
  readonly fix: string | undefined;
  readonly exitCode: ExitCode;

  constructor(
    code: string,
    message: string,
    { fix, exitCode = EXIT.failed, ...options }: FailureOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.fix = fix;
    this.exitCode = exitCode;
  }
}

/** @param fix as in Failure */
export function usageFailure(message: string, fix?: string): Failure {
  return new Failure('USAGE', message, { fix, exitCode: EXIT.usage });
}
