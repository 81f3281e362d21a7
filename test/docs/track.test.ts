/** docs/track.md's requests as its reader sends them: by a shell, with curl, to a real server with a key that may only report. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fieldOf, startSecured } from '../security/secured-server.ts';

const PAGE = readFileSync(new URL('../../docs/track.md', import.meta.url), 'utf8');

const QUERY = `{
  jobs(projectId: "demo") {
    edges {
      node {
        ...Whole
        history { edges { node { __typename ... on ProgressEvent { progress step message } } } }
      }
    }
  }
}
fragment Whole on Job {
  workflow taskName title externalId status progress input
  steps { name from to status }
  result { __typename ... on DataResult { data artifacts { name url path contentType sizeBytes } } }
}`;

test('four requests with curl take a task from its beginning to its result', async () => {
  const secured = await startSecured();
  const report = await secured.key({ projects: ['demo'], scope: 'report' });
  const [, script = ''] = /^## With curl\n.*?^```sh\n(.*?)^```/ms.exec(PAGE) ?? [];
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-euc', script.replace('http://127.0.0.1:4000', secured.url)],
    { env: { PATH: process.env['PATH'], PLAYHEAD_TOKEN: report } },
  );
  const answers = stdout.split(/(?<=\})\s*(?=\{)/).map((text) => JSON.parse(text) as unknown);
  expect(answers).toEqual([
    { data: { reportProgress: { accepted: true, stop: null, job: { progress: 0.55 } } } },
    { data: { reportProgress: { accepted: true, stop: null } } },
    { data: { reportCompletion: { accepted: true, job: { status: 'COMPLETED' } } } },
  ]);
  const credential = await secured.key({ projects: ['demo'], scope: 'read' });
  const { edges } = await fieldOf<{ edges: unknown[] }>(await secured.post(QUERY, { credential }), 'jobs');
  expect(edges).toEqual([
    {
      node: {
        ...{ workflow: 'TRACKED', taskName: 'transcode', title: 'Film 42', externalId: 'film-42' },
        ...{ status: 'COMPLETED', progress: 1, input: null },
        steps: [
          { name: 'probe', from: 0, to: 0.1, status: 'PENDING' },
          { name: 'encode', from: 0.1, to: 1, status: 'COMPLETED' },
        ],
        result: {
          __typename: 'DataResult',
          data: { frames: 2400 },
          artifacts: [
            {
              ...{ name: 'film-42.mp4', url: 'https://cdn.example.com/film-42.mp4', path: '' },
              ...{ contentType: 'video/mp4', sizeBytes: 0 },
            },
          ],
        },
        history: {
          edges: [
            { node: { __typename: 'ProgressEvent', progress: 0, step: null, message: 'Starting' } },
            {
              node: {
                __typename: 'ProgressEvent',
                ...{ progress: 0.55, step: 'encode', message: 'Frame 1200 of 2400' },
              },
            },
            { node: { __typename: 'CompletionEvent' } },
          ],
        },
      },
    },
  ]);
});
