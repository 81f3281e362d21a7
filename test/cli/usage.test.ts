/** Arguments, help, and errors in words. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OPERATOR_COMMANDS } from '../../cli/operator.ts';
import { createProgram, FIXED_COMMANDS } from '../../cli/program.ts';
import { RESERVED_COMMANDS } from '../../src/workflow/registry.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess } from '../web/processes.ts';
import { knownWorkflows } from './known-workflows.ts';
import { jsonLines, run } from './playhead.ts';

const COMMANDS = [
  ...['video', 'audio', 'write', 'lips', 'watch', 'jobs', 'cancel', 'retry'],
  ...['open', 'login', 'logout', 'download', 'webhooks', 'completion'],
];
/** Those of `webhooks`. */
const OF_WEBHOOKS = ['list', 'create', 'deliveries', 'redeliver', 'enable', 'rotate', 'delete'];
/** What has options and examples. */
const WHOLE = [...COMMANDS.filter((name) => name !== 'webhooks' && name !== 'completion'), 'webhooks create'];

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
  [['jobs', '--status', 'DONE'], 'Expected any of queued, running'],
  [['jobs', '--url', 'ftp://x'], '--url: expected http://… or https://…, received "ftp://x"'],
  [['webhooks', 'lists'], 'Did you mean list?'],
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
  const helps = await Promise.all(WHOLE.map((name) => run([...name.split(' '), '--help'], { url: api.url })));
  for (const [index, { code, out }] of helps.entries()) {
    expect(code).toBe(0);
    expect(out).toContain(`npm run playhead -- ${WHOLE[index]}`);
    expect(out).toContain('PLAYHEAD_TOKEN');
    expect(out).toContain('130 interrupted');
  }
});

test('docs/cli.md has every command and the options of all, and no other', () => {
  const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const named = [...docs.matchAll(/^\| `([a-z]+)[^`]*` \| [^|]+\|$/gm)].map(([, name]) => name);
  const types = ['type', 'job', 'unreadable', 'event', 'connection', 'file', 'link', 'login'];
  const ofWebhooks = ['webhook', 'delivery', 'deleted'];
  // Of the commands that run where the server runs, those with a row of their own.
  expect(named).toEqual([
    ...COMMANDS,
    'init',
    'dev',
    'print',
    ...types,
    ...ofWebhooks,
    'error',
    ...OF_WEBHOOKS,
  ]);
  const options = [...docs.matchAll(/^\| `(--[a-z]+)/gm)].map(([, name]) => name);
  const help = program.commands[0]?.helpInformation() ?? '';
  expect(options).toEqual(['--project', '--url', '--token', '--json']);
  for (const option of options) expect(help).toContain(option);
  expect(program.commands.map((command) => command.name())).toEqual(COMMANDS);
  const webhooks = program.commands.find((command) => command.name() === 'webhooks');
  expect(webhooks?.commands.map((command) => command.name())).toEqual(OF_WEBHOOKS);
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

test('a shell completes commands, those of the server too, and options', async () => {
  const { code, out } = await run(['completion', 'bash'], { url: api.url });
  expect(code).toBe(0);
  const answers = (words: readonly string[]): string => {
    const script = `${out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _playhead; echo "\${COMPREPLY[*]}"`;
    return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' }).trim();
  };
  expect(answers(['playhead', 'vi'])).toBe('video');
  expect(answers(['playhead', 'w'])).toBe('write watch webhooks worker');
  expect(answers(['playhead', 'jobs', '--s'])).toBe('--status --search');
  expect(answers(['playhead', 'webhooks', 'cr'])).toBe('create');
  expect(answers(['playhead', 'webhooks', 'create', '--u'])).toBe('--url');
  expect(answers(['playhead', 'keys', 're'])).toBe('revoke revoke-token');
  expect(answers(['playhead', 'keys', 'create', '--s'])).toBe('--scope');
  const fish = await run(['completion', 'fish'], { url: await nowhere() });
  expect(fish.out).toContain("-n '__fish_use_subcommand' -a 'watch jobs");
});

test('what a shell completes of keys is what its help tells', async () => {
  const { out } = await run(['keys', '--help']);
  const told = new Map<string, Set<string>>();
  for (const [, command = '', rest = ''] of out.matchAll(/^ {2}keys (\S+)(.*)$/gm)) {
    const options = told.get(command) ?? new Set();
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) options.add(option);
    told.set(command, options);
  }
  const completed = Object.entries(OPERATOR_COMMANDS['keys'] ?? {});
  expect(new Map(completed.map(([name, options]) => [name, new Set(options)]))).toEqual(told);
});

const isMissing = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).error !== undefined;

test.skipIf(isMissing('zsh'))('zsh reads what bash reads', async () => {
  const { out } = await run(['completion', 'zsh'], { url: await nowhere() });
  // As bashcompinit calls it, but that it lists all that may stand there.
  const call = `emulate -L sh; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _playhead; echo "\${COMPREPLY[*]}"`;
  const script = `${out}\nanswers() { ${call}; }\nanswers "$@"`;
  const answers = (words: readonly string[]): string[] =>
    execFileSync('zsh', ['-f', '-c', script, 'zsh', ...words], { encoding: 'utf8' })
      .trim()
      .split(' ');
  expect(answers(['playhead', 'j'])).toEqual(expect.arrayContaining(['jobs', 'watch', '--version']));
  expect(answers(['playhead', 'jobs', '--s'])).toEqual(expect.arrayContaining(['--status', '--search']));
  expect(answers(['playhead', 'webhooks', 'cr'])).toContain('create');
});

test.skipIf(isMissing('fish'))('fish completes commands and options', async () => {
  const { out } = await run(['completion', 'fish'], { url: await nowhere() });
  const answers = (line: string): string[] =>
    execFileSync('fish', ['--no-config', '-c', `${out}\ncomplete -C '${line}'`], { encoding: 'utf8' })
      .trim()
      .split('\n');
  expect(answers('playhead jo')).toEqual(['jobs']);
  expect(answers('playhead jobs --s').toSorted()).toEqual(['--search', '--status']);
  expect(answers('playhead webhooks cr')).toEqual(['create']);
});
