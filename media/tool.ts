/** Runs one external program: with an argument vector and no shell, killed at once when its signal aborts or its time is up. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { describeStorage, endOf, measureTool, PlayheadError, type ToolSpan } from 'playhead';
import { guardTool, type ToolGuard } from './tool-guard.ts';
import { limitCommand, type ToolLimits } from './tool-limits.ts';

const STDERR_TAIL_CHARS = 2_000;
const STDOUT_LIMIT_CHARS = 1_000_000;

/** One run of a program. */
export interface ToolRun {
  /** Name for messages, for example `ffmpeg`. */
  readonly name: string;
  /** Absolute path of the program. */
  readonly path: string;
  readonly args: readonly string[];
  /** Working folder; file names in `args` may be relative to it. */
  readonly cwd?: string;
  readonly signal: AbortSignal;
  /** Milliseconds; default: no limit. */
  readonly timeLimitMs?: number | undefined;
  /** Default: none. The program must exist: with limits, TOOL_MISSING cannot be distinguished from a failure. */
  readonly limits?: ToolLimits | undefined;
  /** Called for every full line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Writes the program's standard input, which is closed afterwards. Default: no standard input. */
  readonly feed?: (stdin: Writable) => Promise<void>;
  /** Kills the program if this process is lost. @default guardTool */
  readonly guard?: ToolGuard;
}

/** What a program wrote, each shortened to its limit (1,000,000 and 2,000 characters). */
export interface ToolOutput {
  readonly stdout: string;
  readonly stderrTail: string;
}

/**
 * The error that ends work whose signal was aborted: the signal's own reason if that is a PlayheadError, otherwise CANCELLED.
 */
export function stopReason(signal: AbortSignal): PlayheadError {
  if (signal.reason instanceof PlayheadError) return signal.reason;
  return new PlayheadError('CANCELLED', 'The work was stopped before it ended.', { cause: signal.reason });
}

/**
 * Runs a program to its end. The process has ended whenever the promise settles.
 * @throws PlayheadError TOOL_MISSING (cannot be started), CANCELLED or the signal's reason (aborted), TIMED_OUT,
 *   STORAGE_FAILED (disk full), PROVIDER_FAILED (exit code other than 0; details.stderr has the end of its output)
 */
export function runTool(run: ToolRun): Promise<ToolOutput> {
  return measureTool(run.name, 'internal', { 'process.executable.name': run.name }, (span) =>
    runProgram(run, span),
  );
}

async function runProgram(run: ToolRun, span: ToolSpan): Promise<ToolOutput> {
  if (run.signal.aborted) throw stopReason(run.signal);
  const command = limitCommand(run.path, run.args, run.limits);
  const child = spawn(command.path, command.args, {
    cwd: run.cwd,
    // A separate process group: Ctrl-C in a terminal must not end a tool before the worker has handed its job back.
    detached: process.platform !== 'win32',
    stdio: [run.feed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const output = collectOutput(child, run.onLine);
  const ended = waitForEnd(child);
  const release = child.pid === undefined ? () => {} : (run.guard ?? guardTool)(child.pid);
  const limit = AbortSignal.any([
    run.signal,
    ...(run.timeLimitMs === undefined ? [] : [AbortSignal.timeout(run.timeLimitMs)]),
  ]);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  limit.addEventListener('abort', kill, { once: true });
  if (limit.aborted) kill();
  let feedFailure: unknown;
  try {
    if (run.feed && child.stdin) feedFailure = await feedInput(child.stdin, run.feed, kill);
    const end = await ended;
    span.output(output.stderrTail());
    const ok = end.exitCode === 0 && feedFailure === undefined && !limit.aborted;
    if (ok) return { stdout: output.stdout(), stderrTail: output.stderrTail() };
    throw failure(run, end, output.stderrTail(), feedFailure, limit.aborted);
  } finally {
    limit.removeEventListener('abort', kill);
    release();
  }
}

/**
 * Writes with back-pressure: resolves when the stream accepts more.
 * @throws when the stream has been closed, for example by a program that ended early
 */
export async function writeChunk(stream: Writable, chunk: Uint8Array): Promise<void> {
  if (stream.destroyed || stream.errored) throw stream.errored ?? new Error('The stream is closed.');
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  await promise;
}

/**
 * Writes as writeChunk does, and frees the chunk's memory at once; the chunk is empty afterwards. Left to the garbage
 * collector, the pictures of a film pile up, and the system has to find new memory for each: 10 ms of CPU for 3.7 MB.
 * @throws as writeChunk does
 */
export async function handOver(stream: Writable, chunk: Uint8Array): Promise<void> {
  await writeChunk(stream, chunk);
  if (chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0);
}

interface ToolEnd {
  readonly exitCode: number | null;
  /** The signal that ended it, if it did not end by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly startError: Error | undefined;
}

function waitForEnd(child: ChildProcess): Promise<ToolEnd> {
  const { promise, resolve } = Promise.withResolvers<ToolEnd>();
  child.on('error', (startError) => {
    // Also emitted when a kill fails; only a process that never started has no id.
    if (child.pid === undefined) resolve({ exitCode: null, signal: null, startError });
  });
  child.on('close', (exitCode, signal) => resolve({ exitCode, signal, startError: undefined }));
  return promise;
}

function collectOutput(child: ChildProcess, onLine: ToolRun['onLine']) {
  let stdout = '';
  let stderr = '';
  let partial = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < STDOUT_LIMIT_CHARS) stdout += text;
    if (!onLine) return;
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = endOf(stderr + text, STDERR_TAIL_CHARS);
  });
  return { stdout: () => stdout, stderrTail: () => stderr.trim() };
}

/** Returns what the feeder threw, if anything; a pipe closed by the program's end is not a failure of the feeder. */
async function feedInput(stdin: Writable, feed: (stdin: Writable) => Promise<void>, kill: () => void) {
  let pipeError: unknown;
  stdin.on('error', (error) => {
    pipeError = error;
  });
  try {
    await feed(stdin);
    stdin.end();
    return undefined;
  } catch (error) {
    if (pipeError !== undefined || stdin.destroyed) return undefined;
    kill();
    return error;
  }
}

function failure(
  run: ToolRun,
  end: ToolEnd,
  stderr: string,
  feedFailure: unknown,
  stopped: boolean,
): unknown {
  if (run.signal.aborted) return stopReason(run.signal);
  if (end.startError) {
    return new PlayheadError(
      'TOOL_MISSING',
      `${run.name}: expected a program at ${run.path}, it cannot be started`,
      {
        cause: end.startError,
        details: { tool: run.name, path: run.path },
      },
    );
  }
  if (stopped) {
    const message = `${run.name}: expected an end within ${run.timeLimitMs} ms, it was still running and was killed`;
    return new PlayheadError('TIMED_OUT', message, { details: { tool: run.name } });
  }
  if (feedFailure !== undefined) return feedFailure;
  if (end.signal === 'SIGXFSZ' || stderr.includes('File too large')) {
    const message = `${run.name}: expected files of at most ${run.limits?.fileBytes} bytes (PLAYHEAD_MAX_FILE_MB), it wrote more`;
    return new PlayheadError('QUOTA_EXCEEDED', message, { details: { tool: run.name } });
  }
  const details = {
    tool: run.name,
    exitCode: end.exitCode,
    ...(end.signal !== null && { signal: end.signal }),
    stderr,
  };
  const full = Object.entries(FULL).find(([said]) => stderr.includes(said))?.[1];
  if (full !== undefined) {
    return new PlayheadError('STORAGE_FAILED', `${run.name}: ${describeStorage(full)}`, { details });
  }
  return new PlayheadError('PROVIDER_FAILED', `${run.name}: ${describeEnd(end, stderr)}`, { details });
}

const MEMORY =
  'more memory for this machine or container, or fewer jobs at once (PLAYHEAD_CONCURRENCY), may help';

/** What programs print when the disk is full, with the system's codes. */
const FULL = { 'No space left on device': 'ENOSPC', 'Disk quota exceeded': 'EDQUOT' } as const;

/** Describes how a program ended that should have ended with exit code 0. */
function describeEnd({ exitCode, signal }: ToolEnd, stderr: string): string {
  // The kernel's out-of-memory killer and a container's limit send it, but so can anybody else.
  if (signal === 'SIGKILL') return `killed (SIGKILL), perhaps out of memory; ${MEMORY}`;
  if (signal !== null) return `ended by the signal ${signal}`;
  const ended = `expected exit code 0, received ${exitCode}`;
  return OUT_OF_MEMORY.test(stderr) ? `${ended}: out of memory (PLAYHEAD_TOOL_MEMORY_MB)` : ended;
}

const OUT_OF_MEMORY = /Cannot allocate memory|Out of memory|std::bad_alloc/i;
