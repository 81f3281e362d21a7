/** What becomes of a process's reports when it ends. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fieldOf, startSecured } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { Gate } from './gate.ts';

const SCRIPT = fileURLToPath(new URL('./task-process.ts', import.meta.url));

test('a process that has nothing else to do waits until what it kept is sent', async () => {
  const secured = await startSecured();
  const gate = await Gate.open(secured.url);
  await gate.shut();
  const token = await secured.key({ scope: 'write' });
  const ended = promisify(execFile)(process.execPath, [SCRIPT, gate.url, token, '60000']);
  let printed = '';
  ended.child.stdout?.on('data', (text: string) => {
    printed += text;
  });
  await until(() => printed === 'kept\n');
  await gate.open();
  const { stderr } = await ended;
  expect(stderr).toContain('playhead: Playhead takes no reports: ');
  expect(stderr).not.toContain('not sent');
  const jobs = await secured.post(
    '{ jobs(projectId: "a") { edges { node { status externalId result { __typename } } } } }',
    {
      credential: token,
    },
  );
  const { edges } = await fieldOf<{ edges: unknown[] }>(jobs, 'jobs');
  expect(edges).toEqual([
    { node: { status: 'COMPLETED', externalId: '7', result: { __typename: 'DataResult' } } },
  ]);
});

test('a process whose server does not come back ends after a limited time, and says what it could not send', async () => {
  const secured = await startSecured();
  const gate = await Gate.open(secured.url);
  await gate.shut();
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [SCRIPT, gate.url, 'none', '300']);
  expect(stdout).toBe('kept\n');
  expect(stderr).toContain('playhead: not sent to Playhead: completion of transcode 7');
});
