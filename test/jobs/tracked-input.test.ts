/** What the reporters of tracked jobs send: what is refused, in which words, and what is taken as it is. */
import { describe, expect, test } from 'vitest';
import {
  type CompletionInput,
  type ErrorInput,
  type ProgressInput,
  parseCompletion,
  parseError,
  parseProgress,
  parseTrack,
  type TrackInput,
} from '../../src/jobs/tracked-input.ts';
import { range } from '../setup/harness.ts';
import { createTrackedPath, STEPS } from '../setup/tracked-harness.ts';

const HOLDER = { projectId: 'p', jobId: 'j', lease: 'x' };

/** Whatever a client sends. */
const parsers = {
  track: (told: object) => parseTrack({ projectId: 'p', taskName: 'cut', ...told } as TrackInput, 'input'),
  progress: (told: object) => parseProgress({ ...HOLDER, ...told } as ProgressInput, 'input'),
  error: (told: object) => parseError({ ...HOLDER, error: 'x', ...told } as ErrorInput, 'input'),
  completion: (told: object) => parseCompletion({ ...HOLDER, ...told } as CompletionInput, 'input'),
};

/** A name that isn't one: of a wrong type, empty, too long, with a control character, with half a character. */
const noNames = (most: number) => [7, '', 'x'.repeat(most + 1), 'a\nb', 'a\ud800'];
const LINK = 'an http or https address of at most 2048 characters';
const MEDIA = 'a media type, such as video/mp4';
const link = (told: object) => ({ url: 'https://files.example/a', contentType: 'video/mp4', ...told });

describe('is refused by its field, with what it takes', () => {
  test.each<[keyof typeof parsers, string, string, readonly unknown[]]>([
    ['track', 'taskName', '1 to 100 characters without control characters', noNames(100)],
    ['track', 'externalId', '1 to 200 characters without control characters', noNames(200)],
    ['track', 'idempotencyKey', '1 to 200 printable ASCII characters', ['', 'a b']],
    ['track', 'title', 'text', [7]],
    ['track', 'input', 'at most 100000 characters of JSON', ['x'.repeat(99_999)]],
    ['track', 'leaseSeconds', 'a whole number from 5 to 3600', ['5', 4, 3_601, 5.5]],
    ['track', 'maxAttempts', 'a whole number from 1 to 1000', ['1', 0, 1_001, 1.5]],
    ['track', 'restart', 'boolean', ['yes']],
    ['track', 'steps', 'at most 100 steps', [range(1, 101).map((at) => ({ name: `s${at}`, share: 1 }))]],
    ['track', 'steps', 'a share above 0', [[{ name: 'a', share: 0 }]]],
    ['progress', 'progress', 'a number from 0 to 1', ['1', -0.1, 1.1]],
    ['progress', 'stepProgress', 'a number from 0 to 1', ['1', -0.1, 1.1]],
    ['progress', 'step', 'text', [7]],
    ['progress', 'message', 'text', [7]],
    ['progress', 'metadata', 'an object', ['text', ['a']]],
    ['progress', 'sequence', `a whole number from 1 to ${2 ** 53 - 1}`, ['1', 0, 2 ** 53, 1.5]],
    ['error', 'error', 'text', [7]],
    ['error', 'code', '1 to 64 capital letters, digits and _', ['', 'aX', 'X-', '1X', 'X'.repeat(65)]],
    ['error', 'details', 'an object', ['text', ['a']]],
    ['error', 'willRetry', 'boolean', ['yes']],
    ['error', 'retryAfterSeconds', 'a number from 0 to 2592000', ['1', -1, 2_592_001]],
    ['completion', 'result', 'at most 100000 characters of JSON', ['x'.repeat(99_999)]],
    ['completion', 'artifacts', 'at most 100 artifacts', [range(1, 101).map(() => link({}))]],
  ])('%s: %s, which takes %s', (what, field, expected, values) => {
    for (const value of values) {
      expect(() => parsers[what]({ [field]: value }), String(value)).toThrow(
        expect.objectContaining({
          ...{
            code: 'BAD_USER_INPUT',
            details: expect.objectContaining({ field: `input.${field}`, expected }),
          },
        }),
      );
    }
  });

  test.each([
    [
      'name',
      '1 to 64 letters, digits and _, with a letter first',
      ['', '1a', '_a', 'a b', 'a-', 'a'.repeat(65)],
    ],
    ['share', 'a number of 0 or more', ['1', -1, 1e9 + 1]],
  ])('the %s of a step, which takes %s', (field, expected, values) => {
    for (const value of values) {
      const steps = [
        { name: 'first', share: 1 },
        { name: 'second', share: 1, [field]: value },
      ];
      expect(() => parsers.track({ steps }), String(value)).toThrow(
        expect.objectContaining({
          details: expect.objectContaining({ field: `input.steps.1.${field}`, expected }),
        }),
      );
    }
  });

  test('a step that comes twice, by the second of the two', () => {
    const steps = ['a', 'b', 'c', 'b'].map((name) => ({ name, share: 1 }));
    const details = { field: 'input.steps.3.name', expected: 'each name once', received: '"b"' };
    expect(() => parsers.track({ steps })).toThrow(
      expect.objectContaining({ details: expect.objectContaining(details) }),
    );
  });

  test.each([
    [
      'url',
      LINK,
      [
        ...['', '/etc/passwd', 'file:///a', 'javascript:alert(1)', 'https://a.test/\ud800'],
        'https://a.test/'.padEnd(2_049, 'a'),
      ],
    ],
    [
      'contentType',
      MEDIA,
      [
        ...['x', '/b', 'a/', 'a b/c', 'x a/b', 'a/b c', 'a/b/c', 'a/b;\n', 'a/b; é'],
        ...[`${'a'.repeat(128)}/b`, `a/${'b'.repeat(128)}`, `a/b;${'c'.repeat(128)}`],
      ],
    ],
    ['sizeBytes', 'a whole number of 0 or more', ['1', -1, 0.5, 2 ** 53]],
    ['name', '1 to 200 characters without control characters', noNames(200)],
  ])('the %s of a link, which takes %s', (field, expected, values) => {
    for (const value of values) {
      for (const [path, parse] of [
        ['preview', () => parsers.progress({ preview: link({ [field]: value }) })],
        ['artifacts.1', () => parsers.completion({ artifacts: [link({}), link({ [field]: value })] })],
      ] as const) {
        expect(parse, String(value)).toThrow(
          expect.objectContaining({
            details: expect.objectContaining({ field: `input.${path}.${field}`, expected }),
          }),
        );
      }
    }
  });

  test('the id of no project, whatever it comes with', () => {
    for (const parse of Object.values(parsers)) {
      expect(() => parse({ projectId: 'a/b' })).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ field: 'input.projectId' }) }),
      );
    }
  });

  test('a step that the job does not have, with those that it has', async () => {
    const { track, tracked } = await createTrackedPath();
    const [without, withSteps] = [await track(), await track({ steps: STEPS })];
    for (const [holder, told, field, expected, received] of [
      [withSteps.holder, { step: 'cut' }, 'step', 'one of probe, encode, save', '"cut"'],
      [without.holder, { step: 'cut' }, 'step', 'no step: the job was begun without steps', '"cut"'],
      [
        ...[without.holder, { stepProgress: 0.5 }, 'stepProgress'],
        ...['progress instead: the job was begun without steps', '0.5'],
      ],
    ] as const) {
      await expect(tracked.reportProgress({ ...holder, ...told })).rejects.toMatchObject({
        ...{ code: 'BAD_USER_INPUT', details: { field: `input.${field}`, expected, received } },
      });
    }
  });

  test('a call with no reports, or with more than 500', async () => {
    const { track, tracked } = await createTrackedPath();
    const { holder } = await track();
    for (const count of [0, 501]) {
      await expect(tracked.reportProgressMany(range(1, count).map(() => holder))).rejects.toMatchObject({
        details: { field: 'input.reports', expected: '1 to 500 reports', received: `"${count}"` },
      });
    }
  });
});

describe('is taken as it is', () => {
  test.each<[keyof typeof parsers, object]>([
    ['track', { taskName: 'Schneiden: ä 🎬', externalId: 'x', idempotencyKey: '~'.repeat(200) }],
    ['track', { input: 'x'.repeat(99_998), leaseSeconds: 5, maxAttempts: 1, restart: true, title: '' }],
    ['track', { input: null, leaseSeconds: 3_600, maxAttempts: 1_000 }],
    ['progress', { progress: 0, message: '', metadata: {}, sequence: 1 }],
    ['progress', { progress: 1, sequence: 2 ** 53 - 1 }],
    ['progress', { stepProgress: 0, step: '' }],
    [
      'progress',
      { preview: link({ url: 'http://files.example', contentType: 'text/plain; charset=utf-8' }) },
    ],
    ['error', { error: '', code: 'X', details: {}, willRetry: true, retryAfterSeconds: 0 }],
    ['error', { code: `X${'9_'.repeat(31)}9`, retryAfterSeconds: 2_592_000.0 }],
    ['completion', { result: null, artifacts: [] }],
    [
      'completion',
      {
        artifacts: [
          link({ contentType: `${'a'.repeat(127)}/${'b'.repeat(127)};${'c'.repeat(127)}`, sizeBytes: 0 }),
        ],
      },
    ],
    ['completion', { artifacts: [link({ contentType: 'application/vnd.a_b-c+d', sizeBytes: 2 ** 53 - 1 })] }],
    [
      'completion',
      { artifacts: [link({ url: 'https://a.test/'.padEnd(2_048, 'a'), name: 'ä'.repeat(200) })] },
    ],
  ])('%s: %o', (what, told) => {
    expect(parsers[what](told)).toMatchObject(told);
  });

  test('what is left out, or null', () => {
    const defaults = { restart: false, ranges: null };
    expect(parsers.track({ externalId: null, steps: null })).toEqual({
      projectId: 'p',
      taskName: 'cut',
      ...defaults,
    });
    expect(parsers.progress({ progress: null, preview: null })).toEqual(HOLDER);
    const failed = { error: 'x', code: 'TASK_FAILED', willRetry: false };
    expect(parsers.error({ code: null, details: null })).toEqual({ ...HOLDER, ...failed });
    expect(parsers.completion({ artifacts: null })).toEqual({ ...HOLDER, artifacts: [] });
  });
});
