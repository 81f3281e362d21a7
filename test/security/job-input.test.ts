/** What was asked for is shown to those who may ask for it themselves. */
import { expect, test } from 'vitest';
import { fieldOf, startSecured } from './secured-server.ts';

test('a job’s input is null for a credential that may not write', async () => {
  const secured = await startSecured();
  const [writer, reader] = [await secured.key({ scope: 'write' }), await secured.key()];
  const made = await secured.post(
    'mutation { writeScript(input: { projectId: "a", brief: "Rain falls." }) { id title input version } }',
    { credential: writer },
  );
  const job = await fieldOf<{ id: string }>(made, 'writeScript');
  const shown = { id: job.id, title: 'Rain falls.', version: 1 };
  const input = { brief: 'Rain falls.', title: null, language: 'en', scenes: null };
  expect(job).toEqual({ ...shown, input });
  const query = `{ job(projectId: "a", id: "${job.id}") { id title input version } }`;
  const read = await secured.post(query, { credential: reader });
  expect(await fieldOf(read, 'job')).toEqual({ ...shown, input: null });
  const foreign = await secured.post(query, { credential: await secured.key({ projects: ['b'] }) });
  expect(await foreign.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
});
