/** What is refused of the reports of tracked jobs, and by which field; and what is cut for its length. */
import { describe, expect, test } from 'vitest';
import type { TrackInput } from '../../src/jobs/tracked-input.ts';
import { range } from '../setup/harness.ts';
import { createTrackedPath, STEPS } from '../setup/tracked-harness.ts';

/** A link whose address has so many characters. */
function linkOf(characters: number) {
  return { url: 'https://files.example/'.padEnd(characters, 'a'), contentType: 'video/mp4' };
}

const linksOf = (count: number) => range(1, count).map(() => linkOf(99));

describe('what is refused, by its field', () => {
  test('progress of the job and of its step in one report', async () => {
    const { track, tracked } = await createTrackedPath();
    const { holder } = await track({ steps: STEPS });
    const both = { ...holder, step: 'encode', progress: 0.5, stepProgress: 0.5 };
    await expect(tracked.reportProgress(both)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.stepProgress', expected: 'either progress or stepProgress' },
    });
    await tracked.reportProgress({ ...holder, step: 'encode', stepProgress: 0.5 });
  });

  test.each([
    ['projectId', { projectId: 'a/b' }],
    ['taskName', { taskName: '' }],
    ['taskName', { taskName: 'a\nb' }],
    ['taskName', { taskName: 'x'.repeat(101) }],
    ['externalId', { externalId: 'x'.repeat(201) }],
    ['idempotencyKey', { idempotencyKey: 'a b' }],
    ['leaseSeconds', { leaseSeconds: 4 }],
    ['leaseSeconds', { leaseSeconds: 3_601 }],
    ['leaseSeconds', { leaseSeconds: 5.5 }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['maxAttempts', { maxAttempts: 1_001 }],
    ['steps', { steps: range(1, 101).map((number) => ({ name: `step${number}`, share: 1 })) }],
    ['steps.0.name', { steps: [{ name: 'a'.repeat(65), share: 1 }] }],
    ['steps.1.name', { steps: [STEPS[0], STEPS[0]] }],
    ['steps.0.name', { steps: [{ name: '1a', share: 1 }] }],
    ['steps.0.share', { steps: [{ name: 'a', share: -1 }] }],
    ['steps', { steps: [{ name: 'a', share: 0 }] }],
    ['input', { input: 'x'.repeat(100_001) }],
  ])('%s of trackJob', async (field, input) => {
    const { track } = await createTrackedPath();
    await expect(track(input as Partial<TrackInput>)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
  });

  test.each([
    ['reportProgress', 'progress', { progress: 1.1 }],
    ['reportProgress', 'stepProgress', { stepProgress: 0.5, progress: 0.5 }],
    ['reportProgress', 'stepProgress', { stepProgress: 0.5 }],
    ['reportProgress', 'step', { step: 'encode' }],
    ['reportProgress', 'metadata', { metadata: ['a'] }],
    ['reportProgress', 'preview.url', { preview: { url: 'file:///1.jpg', contentType: 'image/jpeg' } }],
    ['reportProgress', 'sequence', { sequence: 0 }],
    ['reportError', 'code', { error: 'x', code: 'no good' }],
    ['reportError', 'details', { error: 'x', details: 'text' }],
    ['reportError', 'retryAfterSeconds', { error: 'x', retryAfterSeconds: -1 }],
    ['reportError', 'retryAfterSeconds', { error: 'x', retryAfterSeconds: 30 * 86_400 + 1 }],
    ['reportCompletion', 'artifacts', { artifacts: linksOf(101) }],
    ['reportCompletion', 'artifacts.0.url', { artifacts: [linkOf(2_049)] }],
    ['reportCompletion', 'artifacts.0.name', { artifacts: [{ ...linkOf(99), name: 'x'.repeat(201) }] }],
    ['reportCompletion', 'result', { result: 'x'.repeat(100_001) }],
    [
      'reportCompletion',
      'artifacts.0.url',
      { artifacts: [{ url: 'javascript:alert(1)', contentType: 'a/b' }] },
    ],
    ['reportCompletion', 'artifacts.0.url', { artifacts: [{ url: '/etc/passwd', contentType: 'a/b' }] }],
    [
      'reportCompletion',
      'artifacts.0.contentType',
      { artifacts: [{ url: 'https://a.test', contentType: 'x' }] },
    ],
    [
      'reportCompletion',
      'artifacts.0.sizeBytes',
      { artifacts: [{ url: 'https://a.test', contentType: 'a/b', sizeBytes: 0.5 }] },
    ],
  ] as const)('by %s: %s', async (report, field, told) => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    // Whatever a client sends.
    await expect(tracked[report]({ ...holder, ...told } as never)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
    expect(await events(job.id)).toHaveLength(1);
  });

  test('nothing that is as much as it may be', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const steps = range(1, 100).map((number) => ({ name: `s${number}`.padEnd(64, '_'), share: 1 }));
    const most = { taskName: 'x'.repeat(100), externalId: 'x'.repeat(200), input: 'x'.repeat(99_998) };
    const { holder, job } = await track({ ...most, steps, leaseSeconds: 3_600, maxAttempts: 1_000 });
    expect(job.ranges).toHaveLength(100);
    const reports = range(1, 500).map(() => holder);
    expect(await tracked.reportProgressMany(reports)).toHaveLength(500);
    await expect(tracked.reportProgressMany([...reports, holder])).rejects.toMatchObject({
      details: { field: 'input.reports' },
    });
    const failed = { error: 'x', code: 'X'.repeat(64), willRetry: true, retryAfterSeconds: 30 * 86_400 };
    expect(await tracked.reportError({ ...holder, ...failed })).toMatchObject({ accepted: true });
    const next = await track({ ...most, leaseSeconds: 5 });
    const links = linksOf(99);
    const artifacts = [...links, { ...linkOf(2_048), name: 'x'.repeat(200) }];
    await tracked.reportCompletion({ ...next.holder, result: 'x'.repeat(99_998), artifacts });
    const { result } = await load(job.id);
    expect((result as { readonly links: readonly unknown[] }).links).toHaveLength(100);
  });

  test('nothing for its length: what a task says is cut', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ title: 'x'.repeat(500) });
    await tracked.reportProgress({
      ...holder,
      message: 'm'.repeat(5_000),
      metadata: { a: 'x'.repeat(20_000) },
    });
    expect(await load(job.id)).toMatchObject({
      metadata: { truncated: true },
      title: expect.stringMatching(/^x{199}…$/),
    });
    await tracked.reportError({ ...holder, error: 'e'.repeat(9_000), details: { a: 'x'.repeat(20_000) } });
    const { error } = await load(job.id);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^e{3999}…$/),
      details: { truncated: true },
    });
  });
});
