import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ffmpegFault, findFfmpeg } from '../../src/settings/ffmpeg.ts';
import { find, findChromium, findRedisServer, PYTHON_WITH_CELERY } from '../../src/settings/programs.ts';

const repository = resolve(import.meta.dirname, '../..');
/** A folder that is the whole PATH: it holds just what a test puts there. */
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'playhead-bin-'));
});
afterEach(async () => {
  await rm(bin, { recursive: true, force: true });
});

describe('findRedisServer', () => {
  test('prefers redis-server and takes valkey-server too', async () => {
    await program('valkey-server', 'echo "Valkey server v=8.1.1 sha=0:0"');
    expect(findRedisServer({ PATH: bin })).toBe(join(bin, 'valkey-server'));
    await program('redis-server', 'echo "Redis server v=6.2.0 sha=0:0"');
    expect(findRedisServer({ PATH: `/nowhere:${bin}` })).toBe(join(bin, 'redis-server'));
  });

  test('says which version it takes when it finds an older one', async () => {
    await program('redis-server', 'echo "Redis server v=5.0.14 sha=0:0"');
    expect(() => findRedisServer({ PATH: bin })).toThrow(
      /expected Redis 6\.2 or later .*received .* 5\.0\.14/,
    );
  });

  test('says what to do when there is none', () => {
    expect(() => findRedisServer({ PATH: bin })).toThrow(/found none.*Install it .* or set REDIS_URL/);
  });
});

test('findChromium takes Chrome where there is no Chromium', async () => {
  await program('google-chrome', 'exit 0');
  expect(findChromium({ PATH: bin })).toBe(join(bin, 'google-chrome'));
});

/** What `ffmpeg -version` prints. */
const GOOD_FFMPEG = version('5.1.9-0+deb12u1', '--enable-gpl --enable-libass --enable-libx264', '57. 28.100');

function version(release: string, configuration: string, libavutil: string): string {
  const lines = [
    `ffmpeg version ${release} Copyright`,
    `configuration: ${configuration}`,
    `libavutil      ${libavutil} /`,
  ];
  return lines.map((line) => `echo '${line}'`).join('; ');
}

describe('findFfmpeg', () => {
  test('passes over one that is too old or lacks libraries', async () => {
    await program('ffmpeg', version('4.3.6', '--enable-libass --enable-libx264', '56. 51.100'));
    const other = await mkdtemp(join(tmpdir(), 'playhead-bin-'));
    await writeFile(join(other, 'ffmpeg'), `#!/bin/sh\n${GOOD_FFMPEG}\n`, { mode: 0o755 });
    expect(findFfmpeg({ PATH: `${bin}:${other}` })).toBe(join(other, 'ffmpeg'));
    await rm(other, { recursive: true });
  });

  test('a build from a commit is judged by its libraries', async () => {
    await program('ffmpeg', version('N-112-gabc', '--enable-libass --enable-libx264', '60. 8.100'));
    expect(findFfmpeg({ PATH: bin })).toBe(join(bin, 'ffmpeg'));
  });

  test.each([
    [
      version('4.3.6', '--enable-libass --enable-libx264', '56. 51.100'),
      /version 4\.3\.6 \(libavutil 56, expected 57 or later\)/,
    ],
    [version('7.1', '--enable-libx264', '59. 39.100'), /version 7\.1 without libass/],
    [version('7.1', '--disable-gpl', '59. 39.100'), /without libx264 and libass/],
    ['exit 1', /it cannot be started/],
  ])('%s will not do, and is said so', async (code, fault) => {
    await program('ffmpeg', code);
    expect(ffmpegFault(join(bin, 'ffmpeg'))).toMatch(fault);
  });
});

describe('provision', () => {
  test('does nothing when everything is there', async () => {
    await program('redis-server', 'echo "Redis server v=7.0.15"');
    await program('ffmpeg', GOOD_FFMPEG);
    await program('chromium', 'exit 0');
    await program('pocketsphinx_continuous', 'exit 0');
    await program('python3', 'exit 0');
    await program('nginx', 'exit 0');
    expect(provision('test')).toEqual({ status: 0, output: '' });
  });

  test('goes on with the demo, and says so, where there is no recogniser to be had', async () => {
    await program('redis-server', 'echo "Redis server v=7.0.15"');
    const { status, output } = provision('demo');
    expect(status).toBe(0);
    expect(output).toMatch(/going on without PocketSphinx/);
  });

  test('takes a Python only where it has Celery', async () => {
    await program('python3', 'exit 1');
    const lookAlike = { ...PYTHON_WITH_CELERY, places: [] };
    expect(find(lookAlike, { PATH: bin })).toBeUndefined();
    await program('python3', 'exit 0');
    expect(find(lookAlike, { PATH: bin })).toBe(join(bin, 'python3'));
  });

  test('needs no Redis program for a start with REDIS_URL, but does for the tests', () => {
    expect(provision('start', { REDIS_URL: 'redis://elsewhere' }).status).toBe(0);
    expect(provision('test', { REDIS_URL: 'redis://elsewhere' }).status).toBe(1);
  });

  test('installs with apt-get, lists first, and judges by the program rather than by the exit code', async () => {
    const calls = join(bin, 'calls');
    await program(
      'apt-get',
      `echo "$*" >> ${calls}
       case "$*" in *redis-server) printf '#!/bin/sh\\necho "Redis server v=7.0.15"' > ${bin}/redis-server; /bin/chmod +x ${bin}/redis-server; exit 100;; esac`,
    );
    await program('sudo', 'exec "$@"');
    const { status, output } = provision('start');
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(output).toContain('apt-get install -y --no-install-recommends redis-server');
    expect((await readFile(calls, 'utf8')).trim().split('\n')).toEqual([
      'update',
      'install -y --no-install-recommends redis-server',
    ]);
  });

  test('says what to install by hand when the package manager fails', async () => {
    await program('apt-get', 'exit 1');
    await program('sudo', 'exec "$@"');
    const { status, output } = provision('start');
    expect(status).toBe(1);
    expect(output).toMatch(/Installing it with apt-get failed.*Install it \(https/);
  });

  test('says what to install by hand when there is no package manager', () => {
    const { status, output } = provision('start');
    expect(status).toBe(1);
    expect(output).toMatch(/No package manager \(.*\) was found/);
    expect(output).not.toContain('    at ');
  });
});

test('a Node that cannot run TypeScript is named in words, not by a syntax error', () => {
  const { status, output } = node([
    '--no-experimental-strip-types',
    ...PRELOAD,
    'src/operator/provision.ts',
    'start',
  ]);
  expect(status).toBe(1);
  expect(output).toContain('needs Node 24 or later');
  expect(output).not.toContain('    at ');
});

test('every npm script that runs TypeScript asks first whether this Node can', async () => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const direct = Object.values(scripts).filter((line) => /^node .*\.ts\b/.test(line));
  expect(direct.length).toBeGreaterThan(5);
  for (const line of direct)
    expect(line).toMatch(/^node (--[a-z-]+=\d+ )*--import \.\/scripts\/runtime\.mjs /);
});

const PRELOAD = ['--import', './scripts/runtime.mjs'];

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function provision(target: string, env: NodeJS.ProcessEnv = {}): { status: number | null; output: string } {
  // An ffmpeg that is named is not looked for.
  return node(['src/operator/provision.ts', target], { PATH: bin, PLAYHEAD_FFMPEG: '/elsewhere', ...env });
}

function node(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: repository,
    env,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}
