/** Arguments, help, and errors in words. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram, FIXED_COMMANDS } from '../../cli/program.ts';
import { RESERVED_COMMANDS } from '../../src/workflow/registry.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess } from '../web/processes.ts';
import { knownWorkflows } from './known-workflows.ts';
import { jsonLines, run } from './playhead.ts';

const COMMANDS = ['video', 'audio', 'write', 'lips', 'watch', 'jobs', 'cancel', 'retry', 'download'];

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-cli-usage-'));
const api = new ApiProcess({ prefix: unique('cli'), dataDir });
const program = createProgram({ onEnd: () => {}, workflows: await knownWorkflows() });

beforeAll(() => api.start());
afterAll(async () => {
  await api.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

/** An address where nothing listens. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
  return url;
}

const WRONG: readonly (readonly [args: readonly string[], says: string])[] = [
  [[], 'Usage: playhead'],
  [['vidio', 'x'], "unknown command 'vidio'"],
  [['vidio', 'x'], 'Did you mean video?'],
  [['video'], "missing required argument 'script'"],
  [['write', 'one', 'two'], 'too many arguments'],
  [['audio', 'x', '--voice', 'nobody'], 'Allowed choices are slt, rms, awb, kal16'],
  [['audio', 'x', '--max-tries', '2.5'], 'Expected a whole number from 1 to 10'],
  [
    ['jobs', '--workflow', 'FILM', 'AUDIO'],
    '--workflow: expected any of DIRECTOR, AUDIO, WRITER, LIPSYNC, received FILM',
  ],
  [['video', 'no-such-file.txt'], 'There is no file no-such-file.txt'],
  [['audio', './no-such-file'], 'There is no file ./no-such-file'],
  [['write', 'x', '--scenes', '0'], 'Expected a whole number from 1'],
  [['audio', 'x', '--min-similarity', '2'], 'Expected 0 to 1'],
  [['jobs', '--status', 'DONE'], 'Allowed choices are QUEUED, RUNNING'],
  [['jobs', '--url', 'ftp://x'], '--url: expected http://… or https://…, received "ftp://x"'],
  [['cancel'], "missing required argument 'job'"],
];

test('wrong usage: exit code 2, nothing on stdout, and what is expected', async () => {
  const ended = await Promise.all(WRONG.map(([args]) => run(args, { url: api.url })));
  for (const [index, { code, out, err }] of ended.entries()) {
    expect([code, out], String(WRONG[index]?.[0])).toEqual([2, '']);
    expect(err).toContain(WRONG[index]?.[1]);
  }
});

test('every command has help with examples and exit codes', async () => {
  const helps = await Promise.all(COMMANDS.map((name) => run([name, '--help'], { url: api.url })));
  for (const [index, { code, out }] of helps.entries()) {
    expect(code).toBe(0);
    expect(out).toContain(`npm run playhead -- ${COMMANDS[index]}`);
    expect(out).toContain('PLAYHEAD_TOKEN');
    expect(out).toContain('130 interrupted');
  }
});

test('docs/cli.md has every command and the options of all, and no other', () => {
  const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const named = [...docs.matchAll(/^\| `([a-z]+)[^`]*` \| [^|]+\|$/gm)].map(([, name]) => name);
  const types = ['type', 'job', 'unreadable', 'event', 'connection', 'file', 'error'];
  expect(named).toEqual([...COMMANDS, ...types]);
  const options = [...docs.matchAll(/^\| `(--[a-z]+)/gm)].map(([, name]) => name);
  const help = program.commands[0]?.helpInformation() ?? '';
  expect(options).toEqual(['--project', '--url', '--token', '--json']);
  for (const option of options) expect(help).toContain(option);
  expect(program.commands.map((command) => command.name())).toEqual(COMMANDS);
});

test('a server that is not running: exit code 1 and how to start it, with --json as a line too', async () => {
  const url = await nowhere();
  expect((await run(['watch'], { url })).code).toBe(1);
  const { code, out, err } = await run(['jobs', '--json'], { url });
  expect(code).toBe(1);
  expect(err).toContain(`No Playhead server answers at ${url} (ECONNREFUSED)`);
  expect(err).toContain('npm start');
  expect(jsonLines(out)).toMatchObject([{ type: 'error', code: 'NETWORK' }]);
});

test('the help of a workflow’s command says what each field takes', async () => {
  const { out } = await run(['audio', '--help'], { url: api.url });
  expect(out).toContain('Usage: playhead audio [options] <text...>');
  expect(out).toMatch(/--min-similarity <0\.\.1> +How similar the text and what is heard back must be/);
  expect(out).toMatch(/--max-tries <1\.\.10> /);
  expect(out).toContain('npm run playhead -- audio "Good morning, everybody."');
  expect((await run(['video', '--help'], { url: api.url })).out).toContain('-- video "MIRA: Hello. I am');
  expect((await run(['help', 'audio'], { url: api.url })).out).toBe(out);
});

test('without a server the help says so and lists the other commands; a workflow’s command says why it is unknown', async () => {
  const url = await nowhere();
  const { code, out } = await run(['--help'], { url });
  expect(code).toBe(0);
  expect(out).toContain(`No Playhead server answers at ${url} (ECONNREFUSED)`);
  for (const name of FIXED_COMMANDS) expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  expect(out).not.toMatch(/^ {2}video\b/m);
  expect(await run(['video', '--help'], { url })).toEqual({ code: 0, out, err: '' });
  const started = await run(['video', 'script.txt'], { url });
  expect([started.code, started.out]).toEqual([1, '']);
  expect(started.err).toContain(`No Playhead server answers at ${url}`);
  expect(started.err).toContain(FIXED_COMMANDS.join(', '));
});

test('no workflow can take the name of a command that is always there', () => {
  expect(RESERVED_COMMANDS).toEqual(expect.arrayContaining([...FIXED_COMMANDS, 'keys', 'calibrate']));
});
