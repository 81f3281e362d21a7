/**
 * The program of a media process: it does one task at a time, each of which an abort message stops. It lives as long as its
 * worker, or until the worker ends it; signals meant for the worker are ignored here.
 */

import { PlayheadError } from 'playhead';
import { layOutCaptions } from './captions/ass.ts';
import { drawClip } from './clip-drawing.ts';
import { speakWithEspeak } from './espeak-engine.ts';
import { speakWithFlite } from './flite-engine.ts';
import { drawMouths } from './mouth-drawing.ts';
import { makeBed } from './sound-bed/bed.ts';
import { drawStill } from './still-drawing.ts';
import { hearMouth } from './talking-head/rhubarb.ts';
import type { FromProcess, PoolTasks, TaskContext, TaskError, TaskKind, ToProcess } from './tasks.ts';
import type { ToolGuard } from './tool-guard.ts';

type TaskTable = {
  readonly [K in TaskKind]: (
    input: PoolTasks[K]['input'],
    context: TaskContext,
  ) => Promise<PoolTasks[K]['result']>;
};

const TASKS: TaskTable = {
  speak: ({ text, voice }) => speakWithFlite(text, voice),
  speakKorean: ({ text, voice }) => speakWithEspeak(text, voice),
  hearMouth: (input) => hearMouth(input),
  drawClip,
  drawMouths,
  drawStill,
  makeBed,
  layOutCaptions: async (input) => layOutCaptions(input),
};

let running: AbortController | undefined;

function post(message: FromProcess): void {
  process.send?.(message, () => {});
}

/** The worker guards this process and the tools that it runs. */
const guardByWorker: ToolGuard = (pid) => {
  post({ type: 'tool', pid });
  return () => post({ type: 'tool', pid: null });
};

async function runTask<K extends TaskKind>(kind: K, input: PoolTasks[K]['input']): Promise<void> {
  running = new AbortController();
  try {
    const result = await TASKS[kind](input, {
      signal: running.signal,
      onProgress: (done) => post({ type: 'progress', done }),
      guard: guardByWorker,
    });
    post({ type: 'result', result });
  } catch (error) {
    post({ type: 'error', error: describeError(error) });
  }
}

function describeError(error: unknown): TaskError {
  const isOurs = error instanceof PlayheadError;
  return {
    code: isOurs ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
    details: isOurs ? error.details : undefined,
    stack: error instanceof Error ? error.stack : undefined,
  };
}

process.on('SIGINT', () => {}).on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());
process.on('message', (message: ToProcess) => {
  if (message.type === 'abort') running?.abort();
  else void runTask(message.kind, message.input);
});
