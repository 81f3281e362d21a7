/** The API process as it ships, apart from the test, so that only its own memory is counted. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { AUTH_SECRET } from './secured-server.ts';

export interface Memory {
  /** Bytes of live objects. */
  readonly heapBytes: number;
  /** Bytes that the process has of the machine. */
  readonly residentBytes: number;
}

export interface MeasuredServer {
  readonly url: string;
  readonly port: number;
  readonly store: CredentialStore;
  memory(): Promise<Memory>;
  /** Whether its process still runs. */
  readonly isRunning: boolean;
}

/** @param env adds to the settings */
export async function startMeasured(env: Record<string, string> = {}): Promise<MeasuredServer> {
  const root = resolve(import.meta.dirname, '../..');
  const prefix = unique('measured');
  const child = fork(resolve(root, 'src/server.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc', '--import', resolve(import.meta.dirname, 'memory-probe.ts')],
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      REDIS_URL: inject('redisUrl'),
      PLAYHEAD_PREFIX: prefix,
      PLAYHEAD_AUTH_SECRET: AUTH_SECRET,
      ...env,
    },
  });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
  });
  const { port } = await answerOf<{ port: number }>(child);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    store: new CredentialStore(connect(), createKeys(prefix), systemClock),
    memory: () => {
      child.send('memory');
      return answerOf<Memory>(child);
    },
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = await within(once(child, 'message'), PATIENCE_MS, 'an answer of the API process');
  return answer as T;
}
