/** A job that was begun with other steps than those of the worker that goes on with it. */
import { expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import type { Workflows } from '../../src/jobs/definition.ts';
import type { JobState } from '../../src/progress/state.ts';
import { stepsFingerprint } from '../../src/progress/steps.ts';
import { createJobPath, type JobPath, RESULT } from '../setup/job-harness.ts';
import { definitionOf, STAGED_WORKFLOWS, tableOf } from '../setup/workflows.ts';

const FINISHED = ['start', 'load_media'];
const FAILING = 'analyze_audio';
const STEPS = [...FINISHED, FAILING, 'apply_lipsync', 'save_file'];

/** The workflow with other steps, and what it has walked. */
interface Version {
  readonly workflows: Workflows;
  readonly runnables: Readonly<Record<string, RunnableWorkflow>>;
  readonly walked: string[];
}

function versionWith(names: readonly string[]): Version {
  const walked: string[] = [];
  const steps = names.map((name, at) => ({ name, from: at / names.length, to: (at + 1) / names.length }));
  const staged = STAGED_WORKFLOWS.get('LIPSYNC') ?? definitionOf('LIPSYNC');
  const LIPSYNC: RunnableWorkflow = {
    run: async (run) => {
      for (const name of names) {
        await run.step(name, name, async () => {
          walked.push(name);
          return null;
        });
      }
      return RESULT;
    },
  };
  return {
    workflows: new Map([...STAGED_WORKFLOWS, ['LIPSYNC', { ...staged, steps }]]),
    runnables: { LIPSYNC },
    walked,
  };
}

/** A job that has failed behind its first two steps, and whose worker is gone. */
async function failBehindFinished(path: JobPath): Promise<JobState> {
  path.stage.plan('load_media', async (_, run) => {
    run.warn('It is loud');
    return null;
  });
  path.stage.fail(FAILING, new PlayheadError('PROVIDER_FAILED', 'the provider failed'));
  const { shutDown } = await path.startWorker();
  const { id } = await path.enqueue({ maxAttempts: 1 });
  const failed = await path.ended(id);
  expect(failed).toMatchObject({ status: 'FAILED', error: { code: 'PROVIDER_FAILED' } });
  await shutDown();
  return failed;
}

test('the steps under test are those of the workflow', () => {
  expect(tableOf('LIPSYNC').map(({ name }) => name)).toEqual(STEPS);
});

test.each([
  ['has others behind the finished ones', [...FINISHED, 'listen', 'save_file']],
  ['has the finished ones in another order', [...FINISHED.toReversed(), 'save_file']],
])('a worker whose workflow %s finishes the job', async (_, names) => {
  const path = await createJobPath();
  const { id } = await failBehindFinished(path);
  const version = versionWith(names);
  await path.startWorker(version);
  await path.commands.retry(path.projectId, id);
  const job = await path.ended(id);
  expect(job).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(version.walked).toEqual(names.filter((name) => !FINISHED.includes(name)));
  // From now on it is a job of these steps.
  const table = version.workflows.get('LIPSYNC')?.steps ?? [];
  expect(job.stepsFingerprint).toBe(stepsFingerprint(table));
});

test.each([
  ['has one more', ['start', 'download', 'load_media', ...STEPS.slice(2)]],
  ['has another name', ['start', 'download', ...STEPS.slice(2)]],
])(
  'one whose first steps are others (it %s) fails it, as often as it is retried, and the earlier one still finishes it',
  async (_, names) => {
    const path = await createJobPath();
    const { id } = await failBehindFinished(path);
    const version = versionWith(names);
    const { shutDown } = await path.startWorker(version);
    for (const attempt of [2, 3]) {
      await path.commands.retry(path.projectId, id);
      const job = await path.ended(id);
      const details = { workflow: 'LIPSYNC', finished: FINISHED, steps: names };
      const message = `The steps of LIPSYNC have changed since the job was begun: expected its finished steps (start, load_media) to be the first of ${names.join(', ')}. Start a new job, or run a worker of the earlier version and use retryJob`;
      const error = { code: 'WORKFLOW_CHANGED', message, details };
      expect(job).toMatchObject({ status: 'FAILED', attempt, error });
    }
    expect(version.walked).toEqual([]);
    await shutDown();
    await path.startWorker();
    await path.commands.retry(path.projectId, id);
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 4 });
    expect(path.stage.calls.filter((call) => call.endsWith('#4'))).toEqual(
      STEPS.slice(2).map((name) => `${name}#4`),
    );
  },
);

test('a job that has not begun is carried out with whatever steps its worker has', async () => {
  const path = await createJobPath();
  const version = versionWith(['fetch', 'render']);
  await path.startWorker(version);
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  expect(version.walked).toEqual(['fetch', 'render']);
});

test('the steps of a job that an earlier version of Playhead has made are believed', async () => {
  const path = await createJobPath();
  const { id } = await failBehindFinished(path);
  await path.redis.hdel(path.keys.project(path.projectId).job(id), 'stepsFingerprint');
  const version = versionWith(['download', 'render']);
  await path.startWorker(version);
  await path.commands.retry(path.projectId, id);
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED' });
});
