/** The entry of a worker thread: does one task at a time, each stopped by an abort message. */

import { parentPort } from 'node:worker_threads';
import { PlayheadError } from 'playhead';
import { layOutCaptions } from './captions/ass.ts';
import { drawClip } from './clip-drawing.ts';
import { speakWithEspeak } from './espeak-engine.ts';
import { speakWithFlite } from './flite-engine.ts';
import { drawMouths } from './mouth-drawing.ts';
import { makeBed } from './sound-bed/bed.ts';
import { drawStill } from './still-drawing.ts';
import { hearMouth } from './talking-head/rhubarb.ts';
import type { FromWorker, TaskContext, TaskError, TaskKind, ToWorker, WorkerTasks } from './worker-tasks.ts';

type TaskTable = {
  readonly [K in TaskKind]: (
    input: WorkerTasks[K]['input'],
    context: TaskContext,
  ) => Promise<WorkerTasks[K]['result']>;
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

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function runTask<K extends TaskKind>(kind: K, input: WorkerTasks[K]['input']): Promise<void> {
  running = new AbortController();
  try {
    const result = await TASKS[kind](input, {
      signal: running.signal,
      onProgress: (done) => post({ type: 'progress', done }),
      onProcess: (pid) => post({ type: 'process', pid }),
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

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'abort') running?.abort();
  else void runTask(message.kind, message.input);
});
