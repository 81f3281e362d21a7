/** Every operation of the schema x every kind of credential x HTTP, WebSocket and SSE, against one table. */

import { createClient } from 'graphql-ws';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import {
  type Answer,
  AUDIENCE,
  answerOf,
  fieldOf,
  ISSUER,
  makeJwt,
  type SecuredServer,
  startSecured,
} from './secured-server.ts';

/** What an operation comes to; `reached`: the operation itself, whatever it then answers. */
type Outcome = 'reached' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND';
type Level = 'refused' | 'foreign' | 'report' | 'read' | 'write' | 'admin' | 'viewer' | 'job';

interface Credential {
  readonly name: string;
  readonly level: Level;
  make(secured: SecuredServer): Promise<string | undefined>;
}

const CREDENTIALS: readonly Credential[] = [
  { name: 'none', level: 'refused', make: async () => undefined },
  { name: 'words', level: 'refused', make: async () => 'let-me-in' },
  { name: 'a key that nobody made', level: 'refused', make: async () => `ph_0123456789ab_${'A'.repeat(43)}` },
  {
    name: 'a key with another secret',
    level: 'refused',
    make: async ({ key }) => alter(await key({ scope: 'admin' })),
  },
  {
    name: 'a key that has run out',
    level: 'refused',
    make: ({ key }) => key({ scope: 'write', expiresAt: 1 }),
  },
  { name: 'a revoked key', level: 'refused', make: async (secured) => (await revoked(secured)).key },
  {
    name: 'a token of a revoked key',
    level: 'refused',
    make: async (secured) => (await revoked(secured)).token,
  },
  {
    name: 'a key for another project',
    level: 'foreign',
    make: ({ key }) => key({ projects: ['b'], scope: 'write' }),
  },
  { name: 'a reading key', level: 'read', make: ({ key }) => key() },
  { name: 'a reporting key', level: 'report', make: ({ key }) => key({ scope: 'report' }) },
  { name: 'a reporting JWT', level: 'report', make: () => makeJwt({ scope: 'report' }) },
  { name: 'a writing key', level: 'write', make: ({ key }) => key({ scope: 'write', projects: ['a', 'c'] }) },
  { name: 'an admin’s key', level: 'admin', make: ({ key }) => key({ scope: 'admin', projects: '*' }) },
  { name: 'a reading JWT', level: 'read', make: () => makeJwt() },
  {
    name: 'a JWT with words of others',
    level: 'write',
    make: () => makeJwt({ scope: 'openid write email' }),
  },
  { name: 'an admin’s JWT', level: 'admin', make: () => makeJwt({ scope: ['admin'], projects: '*' }) },
  {
    name: 'a JWT for another project',
    level: 'foreign',
    make: () => makeJwt({ projects: ['b'], scope: 'admin' }),
  },
  {
    name: 'a JWT for all projects by no admin',
    level: 'refused',
    make: () => makeJwt({ projects: '*', scope: 'write' }),
  },
  { name: 'a JWT without projects', level: 'refused', make: () => makeJwt({ projects: undefined }) },
  { name: 'a JWT without scope', level: 'refused', make: () => makeJwt({ scope: 'openid' }) },
  { name: 'a JWT that has run out', level: 'refused', make: () => makeJwt({}, { expires: 1_000 }) },
  { name: 'a JWT without end', level: 'refused', make: () => makeJwt({ scope: 'admin' }, { expires: null }) },
  { name: 'a JWT not yet valid', level: 'refused', make: () => makeJwt({ nbf: 9_999_999_999 }) },
  { name: 'a JWT of another issuer', level: 'refused', make: () => makeJwt({ iss: 'https://other.test' }) },
  { name: 'a JWT for another audience', level: 'refused', make: () => makeJwt({ aud: 'other' }) },
  {
    name: 'a JWT with another secret',
    level: 'refused',
    make: () => makeJwt({}, { secret: 'x'.repeat(40) }),
  },
  { name: 'a JWT without signature', level: 'refused', make: async () => unsigned() },
  { name: 'a revoked JWT', level: 'refused', make: revokedJwt },
  {
    name: 'a browser’s token',
    level: 'viewer',
    make: async (secured) => delegate(secured, await secured.key()),
  },
  {
    name: 'a token of one job',
    level: 'job',
    make: async (secured) =>
      delegate(secured, await secured.key({ scope: 'write' }), { jobId, lifetimeSeconds: 600 }),
  },
  {
    name: 'a task’s token',
    level: 'report',
    make: async (secured) => delegate(secured, await secured.key({ scope: 'write' }), { scope: 'REPORT' }),
  },
  {
    name: 'a browser’s token of another project',
    level: 'foreign',
    make: (secured) => foreignToken(secured),
  },
];

const REPORTS = ['trackJob', 'reportProgress', 'reportProgressMany', 'reportError', 'reportCompletion'];
/** What some levels alone permit. The subscription in the table is one to the whole project. */
const ONLY: Readonly<Partial<Record<Level, ReadonlySet<string>>>> = {
  report: new Set(REPORTS),
  job: new Set(['job']),
};

/** The table. */
function expected(level: Level, { kind, name }: Operation): Outcome {
  if (level === 'refused') return 'UNAUTHENTICATED';
  if (name === 'workflows' || name === 'viewer') return 'reached';
  if (level === 'foreign') return 'NOT_FOUND';
  const only = ONLY[level];
  if (only !== undefined) return only.has(name) ? 'reached' : 'FORBIDDEN';
  if (name === 'createViewerToken') return level === 'viewer' ? 'FORBIDDEN' : 'reached';
  // Whoever may see or set where events go may send them anywhere.
  if (/webhook/i.test(name)) return level === 'admin' ? 'reached' : 'FORBIDDEN';
  return kind === 'mutation' && level !== 'write' && level !== 'admin' ? 'FORBIDDEN' : 'reached';
}

type Send = (operation: Operation, variables: Record<string, unknown>) => Promise<Outcome>;

let secured: SecuredServer;
let jobId: string;
beforeAll(async () => {
  secured = await startSecured({ keep: true, env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' } });
  const credential = await secured.key({ scope: 'write' });
  const made = await secured.post(
    'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id } }',
    {
      credential,
    },
  );
  jobId = (await fieldOf<{ id: string }>(made, 'writeScript')).id;
});
afterAll(() => secured.close());

describe.each(CREDENTIALS)('$name', ({ level, make }) => {
  let credential: string | undefined;
  beforeAll(async () => {
    credential = await make(secured);
  });

  test.each(['HTTP', 'WebSocket', 'SSE'] as const)('by %s', async (transport) => {
    const connection = transport === 'WebSocket' ? openWebSocket(credential) : null;
    const send = connection?.send ?? byHttp(credential, transport === 'SSE');
    const found: Record<string, Outcome> = {};
    for (const operation of OPERATIONS) {
      found[operation.name] = await send(operation, operation.variables('a', jobId));
    }
    await connection?.close();
    expect(found).toEqual(
      Object.fromEntries(OPERATIONS.map((operation) => [operation.name, expected(level, operation)])),
    );
  });
});

test('a foreign project and one that does not exist answer the same, to the byte', async () => {
  const credential = await secured.key({ projects: ['b'], scope: 'write' });
  const ask = async (operation: Operation, projectId: string): Promise<[number, string]> => {
    const variables = operation.variables(projectId, jobId);
    const response = await secured.post(operation.source, { credential, variables });
    return [response.status, (await response.text()).replaceAll(`project ${projectId}`, 'project')];
  };
  const held = OPERATIONS.filter(({ name, kind }) => name !== 'workflows' && kind !== 'subscription');
  for (const operation of held) {
    // `a` has jobs, `z` has never been heard of.
    expect(await ask(operation, 'a'), operation.name).toEqual(await ask(operation, 'z'));
  }
});

test('all operations of the schema are in the table', () => {
  expect(OPERATIONS.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['job', 'jobs', 'generateVideo', 'retryJob', 'createViewerToken', 'jobEvents']),
  );
  expect(OPERATIONS.length).toBeGreaterThanOrEqual(13);
});

function byHttp(credential: string | undefined, streams: boolean): Send {
  return async ({ source, kind }, variables) => {
    // A subscription can't be had as JSON, whoever asks.
    const headers = { accept: streams || kind === 'subscription' ? 'text/event-stream' : 'application/json' };
    const response = await secured.post(source, { credential, variables, headers });
    if (response.status === 401) {
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      return outcomeOf(await answerOf(response));
    }
    if (!response.headers.get('content-type')?.includes('event-stream'))
      return outcomeOf(await answerOf(response));
    return outcomeOf(await firstEvent(response));
  };
}

async function firstEvent(response: Response): Promise<Answer> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!/data: .*\n/.test(text)) {
    const { value, done } = await within(
      reader.read(),
      PATIENCE_MS,
      `an event behind ${JSON.stringify(text)}`,
    );
    if (done) throw new Error(`the stream ended: ${text}`);
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return JSON.parse(/data: (.*)\n/.exec(text)?.[1] ?? '') as Answer;
}

function openWebSocket(credential: string | undefined): { send: Send; close: () => Promise<void> } {
  const client = createClient({
    url: `${secured.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(credential !== undefined && { connectionParams: { authorization: `Bearer ${credential}` } }),
  });
  const send: Send = async ({ source }, variables) => {
    const stream = client.iterate({ query: source, variables });
    try {
      const step = await within(stream.next(), PATIENCE_MS, source);
      return outcomeOf(step.value as Answer);
    } catch (error) {
      if (Array.isArray(error)) return outcomeOf({ errors: error } as Answer);
      expect((error as { code?: number }).code).toBe(4403);
      return 'UNAUTHENTICATED';
    } finally {
      await stream.return?.();
    }
  };
  return { send, close: async () => client.dispose() };
}

function outcomeOf({ data, errors }: Answer): Outcome {
  const [first] = errors ?? [];
  if (first === undefined) {
    expect(data).toBeTruthy();
    return 'reached';
  }
  const { code } = first.extensions;
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return code;
  // What the operation itself does not find is another matter.
  return code === 'NOT_FOUND' && first.message.includes('There is no project') ? code : 'reached';
}

/** With its last secret character changed. */
function alter(key: string): string {
  const last = key.at(-2);
  return `${key.slice(0, -2)}${last === 'A' ? 'B' : 'A'}${key.at(-1)}`;
}

async function delegate(
  { post }: SecuredServer,
  credential: string,
  asked: Record<string, unknown> = {},
): Promise<string> {
  const query =
    'mutation ($projectId: ID!, $scope: Scope, $jobId: ID, $lifetimeSeconds: Int) { createViewerToken(projectId: $projectId, scope: $scope, jobId: $jobId, lifetimeSeconds: $lifetimeSeconds) { token } }';
  const response = await post(query, { credential, variables: { projectId: 'a', scope: 'READ', ...asked } });
  return (await fieldOf<{ token: string }>(response, 'createViewerToken')).token;
}

async function foreignToken(server: SecuredServer): Promise<string> {
  return delegate(server, await server.key({ projects: ['b'] }), { projectId: 'b' });
}

async function revoked(server: SecuredServer): Promise<{ key: string; token: string }> {
  const key = await server.key();
  const token = await delegate(server, key);
  await server.store.revokeKey(key.split('_')[1] ?? '');
  return { key, token };
}

async function revokedJwt(server: SecuredServer): Promise<string> {
  await server.store.revokeToken('jwt:one', null);
  return makeJwt({ jti: 'one' });
}

function unsigned(): string {
  return new UnsecuredJWT({ iss: ISSUER, aud: AUDIENCE, projects: '*', scope: 'admin' })
    .setExpirationTime('10m')
    .encode();
}
