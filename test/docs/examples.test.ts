/**
 * Every command in README.md, in docs/cli.md and in each `--help` is run as it is written, by a shell, against a real API and
 * worker. They are read out of the texts: an example that is added is run too.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type OperationDefinitionNode, parse, print } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createProgram } from '../../cli/program.ts';
import { knownWorkflows } from '../cli/known-workflows.ts';
import { jsonLines, Playhead, run } from '../cli/playhead.ts';
import { until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { processesOn } from '../setup/processes.ts';
import { ApiProcess, WorkerProcess } from '../web/processes.ts';

// Videos are made, which a busy machine may take long over.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 180_000 });
const LIMIT_MS = 580_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** Blocks of shell, and what stands between backticks and is a whole command. */
function commandsOf(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block.trim());
  const inline = [...markdown.matchAll(/`(npm (?:run|start|test|ci)\b[^`\n]*)`/g)].map(
    ([, line = '']) => line,
  );
  return [...blocks.flatMap(scriptsOf), ...inline].filter((command) => !/\bCOMMAND\b/.test(command));
}

/** Lines that need each other, through a variable, are one script. */
function scriptsOf(block: string): readonly string[] {
  if (/^\w+=/m.test(block)) return [block];
  return block.split('\n').map((line) => line.replace(/\s+#.*$/, ''));
}

const program = createProgram({ onEnd: () => {}, workflows: await knownWorkflows() });

function helpOf(command: Command): string {
  const lines: string[] = [];
  command.configureOutput({ writeOut: (text) => lines.push(text) }).outputHelp();
  return lines.join('');
}

/** Every command, and those of each that has some. */
const COMMANDS = program.commands.flatMap((command) =>
  command.commands.length === 0
    ? [[command.name(), command] as const]
    : command.commands.map((one) => [`${command.name()} ${one.name()}`, one] as const),
);
const EXAMPLES = new Set([
  ...commandsOf(README),
  ...commandsOf(readFileSync(join(ROOT, 'docs', 'cli.md'), 'utf8')),
  ...[program, ...COMMANDS.map(([, command]) => command)].flatMap((command) =>
    [...helpOf(command).matchAll(/npm run .*$/gm)].map(([line]) => line),
  ),
]);

/** What goes on until Ctrl-C, and says this before. */
const ENDLESS: readonly (readonly [command: RegExp, says: RegExp])[] = [
  [/ watch --project show$/, /All jobs of project show/],
  [/^npm start$/, /Playhead is running/],
];
/** What brings up a Redis, an API and a worker of its own. */
const STANDS_ALONE = ['npm start', 'npm run demo -- --all'];
/** What is not run here, and where it is. */
const ELSEWHERE = [
  // `npm ci` is what made this checkout. The demo's video is the last piece of `npm run demo -- --all`.
  'npm ci && npm run demo',
  // This very suite.
  'npm ci && npm test',
  // It asks for a token, of a server that is elsewhere: test/cli/login.test.ts.
  'npm run playhead -- login --url https://playhead.example.com',
];

const work = mkdtempSync(join(tmpdir(), 'playhead-examples-'));
/** The data folder of what stands alone. */
const ownData = join(work, 'own');
const prefix = unique('examples');
const api = new ApiProcess({ prefix, dataDir: join(work, 'data') });
const worker = new WorkerProcess({ prefix, dataDir: join(work, 'data') });

beforeAll(async () => {
  // A checkout whose files may come and go.
  for (const name of readdirSync(ROOT).filter((one) => one !== 'data' && one !== '.git')) {
    symlinkSync(join(ROOT, name), join(work, name));
  }
  await Promise.all([api.start(), worker.start()]);
});
afterAll(async () => {
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  for (const line of processesOn(ownData)) process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  rmSync(work, { recursive: true, force: true });
});

/** Runs a command in a shell, as somebody types it in a checkout. */
function shell(command: string): Playhead {
  const env = STANDS_ALONE.includes(command)
    ? { PORT: '0', PLAYHEAD_DATA_DIR: ownData }
    : {
        BUILD: unique('build'),
        PLAYHEAD_DATA_DIR: join(work, 'data'),
        PLAYHEAD_PREFIX: prefix,
        REDIS_URL: inject('redisUrl'),
      };
  return new Playhead('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: work,
    detached: true,
    url: api.url,
    env: { HOME: work, npm_config_update_notifier: 'false', ...env },
  });
}

const at = () => ({ url: api.url, cwd: ROOT });

/** @returns the id of the job that the command starts */
async function startJob(...args: string[]): Promise<string> {
  const { code, out } = await run([...args, '--json'], at());
  expect(code).toBe(0);
  const { job } = jsonLines(out).at(-1) as unknown as { readonly job: { readonly id: string } };
  return job.id;
}

let speech: Promise<string> | undefined;

/** A job that the command can take: speech that is done, or a video that is being made or was cancelled. */
async function jobFor(command: string): Promise<string> {
  if (!/ (cancel|retry) /.test(command)) {
    speech ??= startJob('audio', 'Good morning, everybody.');
    return speech;
  }
  const id = await startJob('video', 'examples/lighthouse.txt', '--detach');
  if (/ retry /.test(command)) await startJob('cancel', id);
  return id;
}

/** A webhook that is never answered: the name has no address. */
async function makeWebhook(): Promise<string> {
  const { out } = await run(['webhooks', 'create', 'https://app.example.com/', '--json'], at());
  const [made] = jsonLines(out) as unknown as readonly { readonly webhook: { readonly id: string } }[];
  return made?.webhook.id ?? '';
}

/** What such a webhook is told of a job. */
async function makeDelivery(): Promise<string> {
  const webhook = await makeWebhook();
  await startJob('cancel', await startJob('video', 'examples/lighthouse.txt', '--detach'));
  return until(
    async () => {
      const { out } = await run(['webhooks', 'deliveries', webhook, '--json'], at());
      const [told] = jsonLines(out) as unknown as readonly { readonly delivery: { readonly id: string } }[];
      return told?.delivery.id ?? false;
    },
    { timeoutMs: LIMIT_MS, what: 'a delivery' },
  );
}

const PLACES: Readonly<Record<string, (command: string) => Promise<string>>> = {
  JOB: jobFor,
  WEBHOOK: makeWebhook,
  DELIVERY: makeDelivery,
};

/** The example with ids in the places that stand for some. */
async function filledIn(written: string): Promise<string> {
  let command = written;
  for (const [place, make] of Object.entries(PLACES)) {
    const pattern = new RegExp(`\\b${place}\\b`, 'g');
    if (pattern.test(command)) command = command.replaceAll(pattern, await make(written));
  }
  return command;
}

describe('each example does what it says', () => {
  test.each([...EXAMPLES].filter((command) => !ELSEWHERE.includes(command)))('%s', async (written) => {
    const command = shell(await filledIn(written));
    const [, says] = ENDLESS.find(([pattern]) => pattern.test(written)) ?? [];
    if (says !== undefined) {
      await command.says(says, LIMIT_MS);
      process.kill(-(command.child.pid ?? 0), 'SIGINT');
    }
    const { code, out, err } = await command.ended(LIMIT_MS);
    if (says === undefined) expect([code, code === 0 ? '' : `${out}\n${err}`]).toEqual([0, '']);
    if (process.platform === 'linux') expect(processesOn(ownData)).toEqual([]);
  });
});

test('the texts have examples, each of every command', () => {
  const all = [...EXAMPLES];
  expect(all).toEqual(expect.arrayContaining([...STANDS_ALONE, ...ELSEWHERE]));
  for (const [name] of COMMANDS) {
    expect(all.filter((command) => new RegExp(`playhead -- ${name}\\b`).test(command))).not.toEqual([]);
  }
});

test('README’s GraphQL: the mutation starts a job, and the subscription beside it sees it through', async () => {
  const [, block = ''] = /^```graphql\n(.*?)^```/ms.exec(README) ?? [];
  const operations = parse(block).definitions as readonly OperationDefinitionNode[];
  const [mutation, subscription] = operations.map((operation) => print(operation));
  const ends = Promise.withResolvers<{ readonly result: { readonly totalDuration: number } }>();
  const client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  client.subscribe<{ jobEvents: { __typename: string; error?: string; result: { totalDuration: number } } }>(
    { query: subscription ?? '' },
    {
      next: ({ data, errors }) => {
        if (errors !== undefined || data == null) return ends.reject(new Error(JSON.stringify(errors)));
        if (data.jobEvents.__typename === 'CompletionEvent') ends.resolve(data.jobEvents);
        if (data.jobEvents.__typename === 'ErrorEvent') ends.reject(new Error(data.jobEvents.error));
      },
      error: ends.reject,
      complete: () => {},
    },
  );
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: mutation }),
  });
  expect(await response.json()).toMatchObject({ data: { generateVideo: { id: expect.any(String) } } });
  const { result } = await within(ends.promise, LIMIT_MS, 'the video');
  await client.dispose();
  expect(result.totalDuration).toBeGreaterThan(0);
});
