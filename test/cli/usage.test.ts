/** Arguments, help, and errors in words, without a server. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { jsonLines, run } from './playhead.ts';

const COMMANDS = ['video', 'audio', 'write', 'lips', 'watch', 'jobs', 'cancel', 'retry', 'download'];

const WRONG: readonly (readonly [args: readonly string[], says: string])[] = [
  [[], 'Usage: playhead'],
  [['vidio', 'x'], "unknown command 'vidio'"],
  [['video'], "missing required argument 'file'"],
  [['video', 'no-such-file.txt'], 'There is no file no-such-file.txt'],
  [['audio', './no-such-file'], 'There is no file ./no-such-file'],
  [['write', 'x', '--scenes', '0'], 'Expected a whole number from 1'],
  [['audio', 'x', '--min-similarity', '2'], 'Expected 0 to 1'],
  [['jobs', '--status', 'DONE'], 'Allowed choices are QUEUED, RUNNING'],
  [['jobs', '--url', 'ftp://x'], '--url: expected http://… or https://…, received "ftp://x"'],
  [['cancel'], "missing required argument 'job'"],
];

test('wrong usage: exit code 2, nothing on stdout, and what is expected', async () => {
  const ended = await Promise.all(WRONG.map(([args]) => run(args)));
  for (const [index, { code, out, err }] of ended.entries()) {
    expect([code, out], String(WRONG[index]?.[0])).toEqual([2, '']);
    expect(err).toContain(WRONG[index]?.[1]);
  }
});

test('every command has help with examples and exit codes', async () => {
  const helps = await Promise.all(COMMANDS.map((name) => run([name, '--help'])));
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
  const help = createProgram(() => {}).commands[0]?.helpInformation() ?? '';
  expect(options).toEqual(['--project', '--url', '--token', '--json']);
  for (const option of options) expect(help).toContain(option);
  expect(createProgram(() => {}).commands.map((command) => command.name())).toEqual(COMMANDS);
});

test('a server that is not running: exit code 1 and how to start it, with --json as a line too', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));

  expect((await run(['watch'], { url })).code).toBe(1);
  const { code, out, err } = await run(['jobs', '--json'], { url });
  expect(code).toBe(1);
  expect(err).toContain(`No Playhead server answers at ${url} (ECONNREFUSED)`);
  expect(err).toContain('npm start');
  expect(jsonLines(out)).toMatchObject([{ type: 'error', code: 'NETWORK' }]);
});
