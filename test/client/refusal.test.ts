/** A credential that is refused, and is the only one there is: what is followed ends, and says why. */
import { expect, onTestFinished, test } from 'vitest';
import { createClient, type RequestError, type Transport } from '../../client/index.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { openScribedApi } from '../web/scribed-api.ts';

const { api, prefix, redis, scribe } = openScribedApi('refusal', { PLAYHEAD_AUTH_SECRET: AUTH_SECRET });
const TRANSPORTS: readonly Transport[] = ['websocket', 'event-stream', 'polling'];

interface Watched {
  readonly told: Promise<unknown>;
  readonly ended: Promise<RequestError>;
}

function watch(projectId: string, transport: Transport, token?: string): Watched {
  const client = createClient({
    ...{ url: api.url, projectId, transports: [transport] },
    ...(token !== undefined && { token }),
  });
  onTestFinished(() => client.close());
  const told = Promise.withResolvers<unknown>();
  const ended = Promise.withResolvers<RequestError>();
  client.watch({ next: told.resolve, error: (error) => ended.resolve(error as RequestError) });
  return { told: told.promise, ended: ended.promise };
}

test.each(TRANSPORTS)('a wrong token, or none, ends what is watched (%s)', async (transport) => {
  const projectId = unique('project');
  expect(await within(watch(projectId, transport, 'wrong').ended)).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: expect.stringContaining('refused the token'),
  });
  expect(await within(watch(projectId, transport).ended)).toMatchObject({
    code: 'UNAUTHENTICATED',
    message: expect.stringContaining('none was given'),
  });
});

test.each(TRANSPORTS)('a key that is revoked ends what is watched with it (%s)', async (transport) => {
  const projectId = unique('project');
  const keys = new CredentialStore(redis, createKeys(prefix), systemClock);
  const key = await keys.createKey({ name: '', projects: [projectId], scope: 'read', expiresAt: null });
  await scribe.begin(projectId);
  const { ended, told } = watch(projectId, transport, key.text);
  await within(told);
  await keys.revokeKey(key.id);
  expect(await within(ended)).toMatchObject({ code: 'UNAUTHENTICATED' });
});
