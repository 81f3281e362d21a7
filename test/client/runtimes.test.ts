/** playhead/client in other runtimes than a browser: Node, Node without what React Native lacks, and Deno and Bun where they are. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { find } from '../../src/settings/programs.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess } from '../web/processes.ts';
import { startProxy } from './proxy.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-runtimes-'));
const api = new ApiProcess({ prefix: unique('runtimes'), dataDir });

beforeAll(() => api.start());
afterAll(async () => {
  await api.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const SCRIPT = pathOf('runtime/follow.mjs');
const CLIENT = pathOf('../../client/index.ts');
const NATIVE = ['--import', pathOf('runtime/react-native.mjs')];
const [deno, bun] = ['deno', 'bun'].map((name) => find({ names: [name], places: [] }));

interface Runtime {
  readonly name: string;
  readonly program: string | undefined;
  readonly args: readonly string[];
  /** All but those that are named are not to be had. */
  readonly transports?: string;
  readonly taken: string;
}

const RUNTIMES: readonly Runtime[] = [
  { name: 'React Native', program: process.execPath, args: NATIVE, taken: 'websocket' },
  {
    ...{ name: 'React Native without WebSockets', program: process.execPath, args: NATIVE },
    ...{ transports: 'event-stream,polling', taken: 'polling' },
  },
  { name: 'Deno', program: deno, args: ['run', '--allow-all'], taken: 'websocket' },
  {
    ...{ name: 'Deno without WebSockets', program: deno, args: ['run', '--allow-all'] },
    ...{ transports: 'event-stream', taken: 'event-stream' },
  },
  { name: 'Bun', program: bun, args: [], taken: 'websocket' },
  {
    ...{ name: 'Bun without WebSockets', program: bun, args: [] },
    ...{ transports: 'event-stream', taken: 'event-stream' },
  },
];

test.each(RUNTIMES.filter(({ program }) => program !== undefined))(
  '$name: a job is started, and followed to its end through a lost connection',
  async ({ args, program = '', taken, transports = '' }) => {
    const proxy = await startProxy(api.url, { upgrades: true, buffers: false });
    const projectId = unique('project');
    const child = spawn(program, [...args, SCRIPT, CLIENT, proxy.url, projectId, transports], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    const lines = readLines(child);
    const isFollowed = () =>
      lines.includes(`live: ${taken}`) && lines.some((line) => line.startsWith('message: '));
    await Promise.race([until(isFollowed), ended]);
    expect(child.exitCode).toBeNull();
    const id = lines.find((line) => line.startsWith('id '))?.slice(3) ?? '';
    proxy.cut();
    await createClient({ url: api.url, projectId }).cancel(id);
    // Nothing keeps the process alive.
    await within(ended, PATIENCE_MS, `the end of ${program}`);
    expect([child.exitCode, lines.at(-1)]).toEqual([0, 'ended: CANCELLED']);
  },
);

function readLines(child: ChildProcess): readonly string[] {
  const lines: string[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => lines.push(line));
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  return lines;
}
