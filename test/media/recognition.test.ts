/** What PocketSphinx prints, and the real program when it is stopped or missing. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createPocketSphinx } from '../../media/recognition/pocketsphinx.ts';
import { parseContinuousOutput, parseSingleOutput } from '../../media/recognition/pocketsphinx-output.ts';
import { compareTexts } from '../../media/text-normalisation/comparison.ts';

test('the output of pocketsphinx_continuous becomes words without marks of noise and of variants', () => {
  const output =
    'two hundred\n<s> 0.000 0.120 0.999500\ntwo 0.130 0.260 0.478746\n<sil> 0.27 0.29 0.5\n' +
    'hundred(2) 0.300 0.550 0.076973\n[SPEECH] 0.56 0.60 0.4\n++UH++ 0.61 0.62 0.4\n</s> 0.630 0.700 1.000000\n';
  expect(parseContinuousOutput(output)).toEqual([
    { text: 'two', startSeconds: 0.13, endSeconds: 0.26 },
    { text: 'hundred', startSeconds: 0.3, endSeconds: 0.55 },
  ]);
});

test('so does the JSON of pocketsphinx 5; anything else is PROVIDER_FAILED', () => {
  const line =
    '{"b":0.000,"d":1.000,"p":1.000,"t":"go","w":[{"b":0,"d":0.1,"p":1,"t":"<s>"},{"b":0.5,"d":0.25,"p":0.9,"t":"go(2)"}]}';
  expect(parseSingleOutput(`${line}\n`)).toEqual([{ text: 'go', startSeconds: 0.5, endSeconds: 0.75 }]);
  expect(() => parseSingleOutput('ERROR: no model')).toThrow(
    expect.objectContaining({ code: 'PROVIDER_FAILED' }),
  );
});

const silence = { samples: new Int16Array(16_000 * 20), sampleRateHz: 16_000 };

test('a recogniser that is stopped ends with the signal’s reason and leaves no file', async () => {
  // Others recognise speech meanwhile, in the folder of all.
  const folder = await mkdtemp(join(tmpdir(), 'playhead-stopped-'));
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  const stop = new AbortController();
  const heard = createPocketSphinx({}).recognize(silence, 'en', stop.signal);
  stop.abort();
  await expect(heard).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await readdir(folder)).toEqual([]);
});

test('a recogniser that is not there is TOOL_MISSING with what to install; so is another language', async () => {
  const { signal } = new AbortController();
  const missing = createPocketSphinx({ path: '/nowhere/pocketsphinx' });
  await expect(missing.recognize(silence, 'en', signal)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringContaining('apt-get install pocketsphinx'),
  });
  await expect(createPocketSphinx({}).recognize(silence, 'ko', signal)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
  });
});

test('likeness counts characters, word errors count words; case, marks and spelled numbers do not', () => {
  expect(compareTexts('It costs $12.50!', 'it costs twelve dollars and fifty cents', 'en')).toEqual({
    similarity: 1,
    wordErrorRate: 0,
  });
  expect(compareTexts('one two three four', 'one two tree', 'en').wordErrorRate).toBe(0.5);
  expect(compareTexts('안녕하세요 여러분', '안녕하세요 여러분', 'ko').similarity).toBe(1);
  expect(compareTexts('words', '', 'en')).toEqual({ similarity: 0, wordErrorRate: 1 });
});
