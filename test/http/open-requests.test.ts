/** What an orderly end waits for: answers under way, and no event stream, whatever its request accepts. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { countRequests } from '../../src/http/open-requests.ts';
import { startSecured } from '../security/secured-server.ts';
import { PATIENCE_MS, within } from '../setup/deadline.ts';

const WATCH = 'subscription { jobEvents(projectId: "a", snapshot: false) { __typename } }';

test('an answer under way is waited for', async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<ServerResponse>();
  const http = createServer((_request, response) => onAsked(response));
  const requests = countRequests(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void http.close());
  const answer = fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const response = await asked;
  let isDrained = false;
  await requests.linger(0);
  const drained = requests.drain(60_000).then(() => {
    isDrained = true;
  });
  await new Promise(setImmediate);
  expect(isDrained).toBe(false);
  response.end('late');
  expect((await answer).headers.get('connection')).toBe('close');
  await within(drained, PATIENCE_MS, 'the end of what was open');
});

test.each(['*/*', 'text/event-stream'])(
  'an event stream (accept: %s) holds up no end of the server, and is cut by it',
  async (accept) => {
    const secured = await startSecured({ keep: true });
    const response = await secured.post(WATCH, { credential: await secured.key(), headers: { accept } });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const over = response.text().catch(() => {});
    // The time for which a request may hold it up never ends.
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    await within(secured.close(), PATIENCE_MS, 'the end of the server');
    await within(over, PATIENCE_MS, 'the end of the stream');
  },
);
