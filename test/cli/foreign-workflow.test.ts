/** A workflow that the command line has never heard of, with a real server and worker: started, watched, fetched, listed, helped. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifact, defineWorkflow, type WorkflowRun } from 'playhead';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../src/core/logger.ts';
import { createRunnable } from '../../src/jobs/start-workflows.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { type RunningWorker, startWorker } from '../../src/worker.ts';
import { createRegistry } from '../../src/workflow/registry.ts';
import { unique } from '../setup/harness.ts';
import { Scribe } from '../web/scribe.ts';
import { jsonLines, run, start, startOnTerminal } from './playhead.ts';

const input = z.object({
  title: z
    .string()
    .min(1)
    .max(20)
    .describe('What it says')
    .meta({ examples: ['The Blue Hour', 'Rain'] }),
  sizePx: z.int().min(10).max(2_000).describe('Width').default(640),
  url: z.string().nullish().describe('Where it hangs'),
  isLoud: z.boolean().default(false),
  verses: z.string().optional().meta({ multiline: true }),
  colours: z.array(z.string()).default(['red']),
  finish: z.enum(['matt', 'glossy']).default('matt'),
  scale: z.number().min(0).optional(),
});
const result = z.object({
  picture: artifact('image/png'),
  given: z.unknown().meta({ title: 'Made from' }),
  words: z.int(),
});
const steps = { sketch: 1, paint: 3 } as const;

const poster = defineWorkflow({
  name: 'POSTER',
  description: 'Makes a poster.',
  mutation: 'makePoster',
  batch: true,
  ...{ steps, input, result },
  run: async () => ({ run: makePoster }),
});
/** Fields with the names of options, and with no letter that an option could have. */
const collision = defineWorkflow({
  name: 'COLLISION',
  description: 'Has \u001b[31mawkward fields.',
  steps: { meet: 1 },
  input: z.object({
    ...{ from: z.string(), token: z.string().meta({ examples: ['abc'] }), detach: z.boolean() },
    ...{ no_sound: z.string().optional(), _: z.string().optional(), help: z.string().optional() },
    ...{ inputHelp: z.string().optional(), json: z.string().optional(), p: z.string().optional() },
  }),
  result: z.object({ heard: z.unknown() }),
  run: async () => ({
    run: async (job) => {
      await job.step('meet', 'Meeting', async () => null);
      return { heard: job.input };
    },
  }),
});
/** Nothing but a job. */
const nap = defineWorkflow({
  name: 'LONG_NAP',
  description: 'Does nothing.',
  steps: { sleep: 1 },
  input: z.object({ note: z.string().optional() }),
  result: z.object({ dream: z.string() }),
  run: async () => ({ run: async (job) => ({ dream: await job.step('sleep', 'Zzz', async () => 'sheep') }) }),
});
const workflows = createRegistry([poster, nap, collision]);

async function makePoster(job: WorkflowRun<z.output<typeof input>, keyof typeof steps>) {
  await job.step('sketch', 'Sketching', async () => null);
  const path = join(job.files.scratch, 'poster.png');
  await job.step('paint', 'Painting', async (step) => {
    step.update(0.5, 'Half of it');
    writeFileSync(path, job.input.title);
    return null;
  });
  const picture = await job.files.save('poster.png', path);
  return { picture: { ...picture }, given: job.input, words: job.input.title.split(' ').length };
}

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-foreign-'));
const prefix = unique('foreign');
const redis = connectRedis(inject('redisUrl'), () => {});
/** The same of a newer worker. */
const newer = defineWorkflow({
  name: 'POSTER',
  description: 'Makes a poster.',
  steps: { carve: 1, varnish: 1 },
  ...{ input, result },
  run: () => Promise.reject(new Error('never runs here')),
});
const scribe = new Scribe(redis, prefix, createRegistry([newer]));
const running: (RunningServer | RunningWorker)[] = [];
let url = '';

beforeAll(async () => {
  const config = readConfig({
    ...{ PORT: '0', PLAYHEAD_PREFIX: prefix, PLAYHEAD_DATA_DIR: dataDir, PLAYHEAD_DRAIN_SECONDS: '0' },
  });
  const parts = { config, redisUrl: inject('redisUrl'), logger: silentLogger, workflows };
  const server = await startServer(parts);
  running.push(server);
  url = server.url;
  const runnables = Object.fromEntries(
    [...workflows].map(([name, definition]) => [name, createRunnable(definition, undefined)]),
  );
  running.push(await startWorker({ ...parts, started: { workflows: runnables } }));
});
afterAll(async () => {
  for (const one of running.reverse()) await one.close();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

const here = () => ({ url, project: unique('cli') });

test('it is helped: by the list of commands, and by its own command with what each field takes', async () => {
  const { out: all } = await run(['--help'], { url });
  expect(all).toMatch(/^ {2}poster .* +Makes a poster\. Several form a batch\.$/m);
  expect(all).toMatch(/^ {2}long-nap .* +Does nothing\.$/m);
  expect(all).not.toContain('video');
  const { out } = await run(['poster', '--help'], { url });
  expect(out).toContain('Usage: playhead poster [options] <title...>');
  expect(out).toMatch(/--size-px <10\.\.2000> +Width\. Default: 640\./);
  expect(out).toMatch(/--input-url <text> +Where it hangs/);
  expect(out).toMatch(/--is-loud +Is loud/);
  expect(out).toContain('--no-is-loud');
  expect(out).toMatch(/--finish <text> +Finish\. One of matt, glossy\. Default: matt\./);
  expect(out).toContain('npm run playhead -- poster "The Blue Hour" Rain');
  expect((await run(['long-nap', '--help'], { url })).out).toContain('Usage: playhead long-nap [options]\n');
});

test('it is started with options of every type, watched to its end, listed and fetched', async () => {
  const at = here();
  const verses = join(dataDir, 'verses.txt');
  writeFileSync(verses, 'One.\nTwo.\n');
  const options = ['--size-px', '800', '--is-loud', '--colours', '["sea","sky"]', '--input-url', 'http://x'];
  const made = await run(
    ['poster', 'The Blue Hour', ...options, '--verses', verses, '--finish', 'glossy', '--scale', '0.5'],
    at,
  );
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/^Job \S+$/m);
  expect(made.out).toMatch(/^Done in .*: poster$/m);
  expect(made.out).toMatch(/^ {2}Words {5}3$/m);
  expect(made.out).toMatch(new RegExp(`^  Poster    ${url}/files/\\S+/poster.png$`, 'm'));
  expect(made.out).toContain(
    'Made from:\n{"title":"The Blue Hour","sizePx":800,"url":"http://x","isLoud":true',
  );
  expect(made.out).toContain('"colours":["sea","sky"],"finish":"glossy","scale":0.5}');

  const [, id = ''] = /^Job (\S+)$/m.exec(made.out) ?? [];
  const watched = await run(['watch', id, '--json'], at);
  expect(jsonLines(watched.out)).toMatchObject([
    { summary: 'done', job: { workflow: 'POSTER', result: { words: 3, poster: { name: 'poster.png' } } } },
  ]);
  const listed = await run(['jobs', '--workflow', 'POSTER'], at);
  expect(listed.out).toMatch(new RegExp(`^${id} +poster +completed +100 %`, 'm'));
  expect((await run(['jobs', '--workflow', 'LONG_NAP'], at)).err).toContain('No matching jobs');
  const wrong = await run(['jobs', '--workflow', 'VIDEO'], at);
  expect([wrong.code, wrong.err]).toEqual([
    2,
    expect.stringContaining('expected any of POSTER, LONG_NAP, COLLISION'),
  ]);
  const fetched = await run(['download', id, '--to', join(dataDir, 'to')], at);
  expect([fetched.code, fetched.err]).toEqual([0, '']);
  expect(readFileSync(join(dataDir, 'to', 'poster.png'), 'utf8')).toBe('The Blue Hour');
});

test('a field whose name an option has already is --input-…, and its example says so', async () => {
  const { out } = await run(['collision', '--help'], { url });
  expect(out).not.toContain('\u001b');
  expect(out).toContain('npm run playhead -- collision FROM --input-token abc --input-detach');
  const given = [
    '--input-token',
    't',
    '--no-input-detach',
    '--input-no-sound',
    's',
    '--value',
    'v',
    '--p',
    'q',
  ];
  const more = ['--input-json', 'j', '--input-help', 'h', '--input-input-help', 'i'];
  const made = await run(['collision', 'here', ...given, ...more, '--json'], here());
  expect([made.code, made.err]).toEqual([0, '']);
  expect(jsonLines(made.out).at(-1)).toMatchObject({
    job: {
      result: {
        heard: {
          ...{ from: 'here', token: 't', detach: false, no_sound: 's', _: 'v', p: 'q', json: 'j' },
          ...{ help: 'h', inputHelp: 'i' },
        },
      },
    },
  });
  const missing = await run(['collision', 'here', '--input-token', 't'], here());
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("option '--input-detach'")]);
});

test('what an option can’t be is wrong usage, and nothing is started', async () => {
  const at = here();
  for (const [options, says] of [
    [['--size-px', '5'], 'Expected a whole number from 10 to 2000.'],
    [['--colours', 'red'], 'Expected JSON'],
    [['--finish', 'dull'], 'Allowed choices are matt, glossy.'],
    [['--scale', '-1'], 'Expected a number from 0.'],
  ] as const) {
    const { code, err } = await run(['poster', 'x', ...options], at);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  }
  const refused = await run(['poster', 'A title of more than 20 characters'], at);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('input.title')]);
  expect((await run(['jobs'], at)).err).toContain('No matching jobs');
});

test('several are a batch with a bar per item; one without required fields is started by its name alone', async () => {
  const at = here();
  const { code, out } = await startOnTerminal(['poster', 'One', 'Two', '--size-px', '20'], at).ended();
  expect(code).toBe(0);
  expect(out).toMatch(/#2 {4}█{24} 100% {2}done/);
  expect(out).toMatch(/Done in .*: 2 of 2 done/);
  const napped = await run(['long-nap'], at);
  expect([napped.code, napped.out]).toEqual([0, expect.stringMatching(/^ {2}Dream {5}sheep$/m)]);
  expect(napped.out).not.toContain('download');
});

test('a job of a newer worker, with steps and a result that the server does not know, is shown as it is', async () => {
  const at = here();
  const job = await scribe.begin(at.project, 'POSTER');
  const other = await scribe.begin(at.project, 'POSTER');
  const command = start(['watch', job.id], at);
  job.step('carve', 0.5, 'Carving');
  await command.says('Carving');
  const path = `${at.project}/${job.id}/plan.json`;
  const file = { name: 'plan.json', path, contentType: 'application/json', sizeBytes: 2 };
  await job.complete({ type: 'SculptureResult', plan: file, weightKg: 12, parts: [{ name: 'arm' }] });
  const { code, out } = await command.ended();
  expect(code).toBe(0);
  expect(out).toMatch(/^Done in .*: poster$/m);
  expect(out).toMatch(/^ {2}Weight kg 12$/m);
  expect(out).toMatch(/^ {2}Parts {5}\[\{"name":"arm"\}\]$/m);
  expect(out).toContain(`${url}/files/${path}`);
  const { out: lines } = await run(['watch', job.id, '--json'], at);
  expect(jsonLines(lines)).toMatchObject([
    { job: { result: { __typename: 'DataResult', weightKg: 12, plan: { path }, artifacts: [{ path }] } } },
  ]);
  await other.complete('done');
  expect((await run(['watch', other.id], at)).out).toMatch(/^ {2}Value {5}done$/m);
  await Promise.all([job.close(), other.close()]);
});
