/** Requests of somebody who knows HTTP, JSON, JWT and GraphQL well. */
import { gzipSync } from 'node:zlib';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { monitorRedis } from '../setup/redis-monitor.ts';
import { OPERATIONS } from './operations.ts';
import {
  AUDIENCE,
  answerOf,
  ISSUER,
  JWT_SECRET,
  makeJwt,
  type SecuredServer,
  startSecured,
} from './secured-server.ts';

const WORKFLOWS = '{ workflows { taskName } }';
/** Answers with the status of the error. */
const STRICT = { accept: 'application/graphql-response+json' };
const ADMIN = { iss: ISSUER, aud: AUDIENCE, projects: '*', scope: 'admin' };

let secured: SecuredServer;
let admin: string;
beforeAll(async () => {
  secured = await startSecured({ keep: true, env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' } });
  admin = await secured.key({ projects: '*', scope: 'admin' });
});
afterAll(() => secured.close());

test('a foreign project costs the same work as one that does not exist, and none of it is about projects', async () => {
  const credential = await secured.key({ projects: ['b'], scope: 'write' });
  const { prefix } = /^(?<prefix>[^:]+):/.exec(secured.keys.auth.keys)?.groups ?? {};
  const end = unique('end');
  let seen: string[] = [];
  await monitorRedis(inject('redisUrl'), (args) => {
    // A server looks now and then whether Redis takes writes, and leaves word that it hears tasks that run elsewhere; that
    // belongs to no request.
    if (args.some((arg) => arg === `${prefix}:lease-watch` || arg.startsWith(`${prefix}:probe:`))) return;
    const keys = args.filter((arg) => arg.startsWith(`${prefix}:`) || arg === end);
    if (keys.length > 0) seen.push([args[0]?.toLowerCase(), ...keys].join(' '));
  });
  const redis = connect();
  const workOf = async (source: string, variables: Record<string, unknown>): Promise<string[]> => {
    seen = [];
    await secured.post(source, { credential, variables });
    // What Redis did before this is in the list by then.
    await redis.echo(end);
    await until(() => seen.at(-1)?.includes(end));
    return seen.slice(0, -1);
  };
  // Behind what making the key did.
  await workOf(WORKFLOWS, {});
  for (const { kind, name, source, variables } of OPERATIONS) {
    if (name === 'workflows' || name === 'viewer' || kind === 'subscription') continue;
    const foreign = await workOf(source, variables('a', 'job'));
    expect(foreign, name).toEqual(await workOf(source, variables('z', 'job')));
    expect(foreign.join(), name).not.toMatch(/\{a\}|\{playhead\}/);
    expect(foreign.length, name).toBeGreaterThan(0);
  }
});

const signed = (header: Record<string, unknown>, claims: object = {}): Promise<string> =>
  new SignJWT({ ...ADMIN, exp: Math.floor(Date.now() / 1_000) + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(new TextEncoder().encode(JWT_SECRET), { crit: { 'x-any': true } });
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

test.each([
  ['another algorithm with the right secret', () => signed({ alg: 'HS512' })],
  ['a header that must be understood', () => signed({ crit: ['x-any'], 'x-any': 1 })],
  [
    'the type of this server’s own tokens',
    () => signed({ typ: 'playhead-viewer+jwt' }, { project: 'a', from: [], jti: 'x' }),
  ],
  ['an end that is no number', () => signed({}, { exp: '9999999999' })],
  ['all projects among others', () => signed({}, { projects: ['a', '*'] })],
  ['a project that is part of a key', () => signed({}, { projects: ['a}:job'] })],
  ['a scope in capitals', () => signed({}, { scope: 'ADMIN' })],
  ['algorithm none in capitals', async () => `${encode({ alg: 'NONE' })}.${encode(ADMIN)}.`],
  [
    'a key of its own in the header',
    async () => {
      const key = encode({});
      const token = await signed({
        jwk: { kty: 'oct', k: key },
        kid: '../../dev/null',
        jku: 'https://evil.example',
      });
      const [header, claims] = token.split('.');
      return `${header}.${claims}.${key}`;
    },
  ],
  ['its signature cut off', async () => (await makeJwt()).split('.').slice(0, 2).join('.')],
  ['five parts', async () => `${await makeJwt()}.a.b`],
  [
    'claims changed after signing',
    async () => {
      const [header, , signature] = (await makeJwt()).split('.');
      return `${header}.${encode({ ...ADMIN, exp: 9_999_999_999 })}.${signature}`;
    },
  ],
])('a JWT with %s is UNAUTHENTICATED', async (_name, make) => {
  const response = await secured.post(WORKFLOWS, { credential: await make() });
  expect([response.status, (await answerOf(response)).errors?.[0]?.extensions.code]).toEqual([
    401,
    'UNAUTHENTICATED',
  ]);
});

test.each([
  [
    'the address',
    (key: string) => ({ query: `authorization=Bearer%20${key}&access_token=${key}&token=${key}` }),
  ],
  ['a cookie', (key: string) => ({ headers: { cookie: `authorization=Bearer ${key}; token=${key}` } })],
  [
    'another header',
    (key: string) => ({
      headers: { 'x-authorization': `Bearer ${key}`, 'proxy-authorization': `Bearer ${key}` },
    }),
  ],
  ['basic authentication', (key: string) => ({ headers: { authorization: `Basic ${btoa(`user:${key}`)}` } })],
])('a credential in %s is none, by GET and for event streams too', async (_name, place) => {
  const { query = '', headers = {} } = place(admin) as { query?: string; headers?: Record<string, string> };
  const asked = `${secured.url}/graphql?query=${encodeURIComponent('subscription { jobEvents(projectId: "a") { __typename } }')}&${query}`;
  const streamed = await fetch(asked, { headers: { accept: 'text/event-stream', ...headers } });
  const posted = await fetch(`${secured.url}/graphql?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: WORKFLOWS, extensions: { authorization: `Bearer ${admin}` } }),
  });
  expect([streamed.status, posted.status]).toEqual([401, 401]);
  await Promise.all([streamed.body?.cancel(), posted.body?.cancel()]);
});

const send = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(`${secured.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}`, ...headers },
    body,
  });

test('JSON that would change prototypes changes none', async () => {
  const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const mutation = 'mutation ($input: WriteScriptInput!) { writeScript(input: $input) { id } }';
  const bodies = [
    `{"query":"${WORKFLOWS}","variables":${poison},"extensions":${poison},"__proto__":{"query":"{ x }"}}`,
    `{"query":"${mutation}","variables":{"input":{"projectId":"a","brief":"Rain.","__proto__":{"polluted":1}}}}`,
    `{"query":"${mutation}","variables":{"input":${poison}}}`,
    `{"query":"query ($n: Int) { jobs(projectId: \\"a\\", first: $n) { edges { node { id } } } }","variables":{"n":${poison}}}`,
  ];
  const statuses: number[] = [];
  for (const body of bodies) statuses.push((await send(body)).status);
  expect(statuses.every((status) => status < 500)).toBe(true);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('a compressed body is not unpacked', async () => {
  const bomb = new Uint8Array(
    gzipSync(JSON.stringify({ query: WORKFLOWS, variables: { x: 'x'.repeat(50_000_000) } })),
  );
  const { status } = await send(bomb, { 'content-encoding': 'gzip' });
  expect([400, 413, 415]).toContain(status);
});

const fields = (count: number): string => 'workflows { taskName } '.repeat(count);

test.each([
  ['fragments in a circle', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
  ['directives again and again', `{ workflows ${'@skip(if: false) '.repeat(320)} { taskName } }`],
  ['more variables than are used', `query (${'$v: Int '.repeat(490)}) ${WORKFLOWS}`],
  ['a single type asked about', '{ __type(name: "Job") { name fields { name } } }'],
  ['the schema within a fragment', '{ ...s } fragment s on Query { __schema { types { name } } }'],
  ['more tokens than any document needs', `{ ${fields(501)} }`],
])('%s: refused with 400', async (_name, query) => {
  expect((await send(JSON.stringify({ query }), STRICT)).status).toBe(400);
});

test.each([
  ['fields', `{ ${fields(490)} }`],
  ['fields of one', `{ workflows { ${'taskName '.repeat(1_900)} } }`],
  ['fragments', `{ ${'...f '.repeat(450)} } fragment f on Query { ${fields(200)} }`],
])('as many %s as the limits allow are answered', async (_name, query) => {
  const response = await send(JSON.stringify({ query }), STRICT);
  expect([200, 400]).toContain(response.status);
  expect((await answerOf(response)).errors?.[0]?.extensions.code).not.toBe('INTERNAL');
});

test('line breaks and words of others reach no header', async () => {
  for (const path of [
    '/files/a%0d%0aset-cookie:x=1/b/c.mp4',
    '/graphql?x=%0d%0aset-cookie:x',
    '/%0d%0alocation:evil',
  ]) {
    const response = await fetch(`${secured.url}${path}`, { redirect: 'manual' });
    expect([response.headers.get('set-cookie'), response.headers.get('location')], path).toEqual([
      null,
      null,
    ]);
  }
  const variables = { p: 'a"\r\nset-cookie: x=1' };
  const answered = await secured.post('mutation ($p: ID!) { createViewerToken(projectId: $p) { token } }', {
    credential: admin,
    variables,
  });
  expect(answered.headers.get('set-cookie')).toBeNull();
  expect((await answerOf(answered)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});
