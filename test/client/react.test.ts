/** The hooks on a server, where there is nothing to follow; in a browser they are driven by test/package/examples.test.ts. */
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { JobProgress, PlayheadProvider, useConnection, useJob, useJobs } from '../../client/react/index.ts';

function Page() {
  const states = [useJobs(), useJob('a'), useJob(null)].map(({ data, isLoading }) => ({ data, isLoading }));
  return JSON.stringify([...states, useConnection().name]);
}

test('render on a server without asking or following anything', () => {
  const client = createClient({
    url: 'http://127.0.0.1:1',
    projectId: 'demo',
    fetch: () => {
      throw new Error('expected no request');
    },
  });
  const page = createElement(
    PlayheadProvider,
    { client },
    createElement(Page),
    createElement(JobProgress, { job: 'a' }),
  );
  const html = renderToString(page).replaceAll('&quot;', '"');
  expect(html).toContain(
    '[{"data":null,"isLoading":true},{"data":null,"isLoading":true},{"data":null,"isLoading":false},"idle"]',
  );
  expect(html).toContain('<progress aria-label="a" aria-busy="true" max="1"></progress>');
  expect(client.connection.name).toBe('idle');
});

test('say what is missing outside of a provider', () => {
  expect(() => renderToString(createElement(JobProgress, { job: 'a' }))).toThrow('<PlayheadProvider>');
});
