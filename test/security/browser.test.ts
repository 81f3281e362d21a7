/** What a page of another site could try, and what this server's own pages need. */
import { expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { RawClient } from './raw-client.ts';
import { answerOf, send, startSecured } from './secured-server.ts';

const LISTED = 'https://app.example';
const OTHER = 'https://evil.example';
const WORKFLOWS = '{ workflows { taskName } }';
/** Without authentication, as on a laptop. */
const OPEN = {
  PLAYHEAD_AUTH_SECRET: '',
  PLAYHEAD_JWT_SECRET: '',
  PLAYHEAD_JWT_ISSUER: '',
  PLAYHEAD_JWT_AUDIENCE: '',
};

const query = { method: 'POST', body: JSON.stringify({ query: WORKFLOWS }) };
const JSON_TYPE = { 'content-type': 'application/json' };

test('CORS is off for pages that are not listed, and allows tokens to those that are', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_ORIGINS: LISTED } });
  const authorization = `Bearer ${await secured.key()}`;
  const preflight = (origin: string) =>
    send(secured, '/graphql', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const listed = await preflight(LISTED);
  expect(listed.headers).toMatchObject({
    'access-control-allow-origin': LISTED,
    'access-control-allow-headers': expect.stringContaining('authorization') as string,
    vary: expect.stringContaining('origin') as string,
  });
  expect(listed.headers['access-control-allow-credentials']).toBeUndefined();
  const refused = await preflight(OTHER);
  expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  const asked = await send(secured, '/graphql', {
    ...query,
    headers: { ...JSON_TYPE, authorization, origin: LISTED },
  });
  expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([200, LISTED]);
  const forged = await send(secured, '/graphql', {
    ...query,
    headers: { ...JSON_TYPE, authorization, origin: OTHER },
  });
  expect([forged.status, JSON.parse(forged.body)]).toMatchObject([
    403,
    { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
  ]);
});

test.each([
  ['with authentication', {}],
  ['on a laptop', OPEN],
])('a WebSocket from a page of another site is refused %s', async (_name, env) => {
  const secured = await startSecured({ env });
  await expect(RawClient.open(secured.url, { origin: OTHER })).rejects.toThrow('403');
  await expect(RawClient.open(secured.url, { origin: 'null' })).rejects.toThrow('403');
  const own = await RawClient.open(secured.url, { origin: secured.url });
  expect(own.closed).toBeNull();
});

test('on a laptop, a name pointed at this machine by somebody else is refused; a local tool’s page is not', async () => {
  const secured = await startSecured({ env: OPEN });
  const rebound = { ...JSON_TYPE, host: 'evil.example', origin: 'http://evil.example' };
  expect((await send(secured, '/graphql', { ...query, headers: rebound })).status).toBe(403);
  await expect(RawClient.open(secured.url, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
  const vite = { ...JSON_TYPE, origin: 'http://localhost:5173' };
  expect((await send(secured, '/graphql', { ...query, headers: vite })).status).toBe(200);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
  'a form that another page sends (%s) runs nothing',
  async (type) => {
    const secured = await startSecured({ env: OPEN });
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
    expect((await send(secured, '/graphql', { ...query, headers })).status).toBe(415);
  },
);

test('a mutation by GET runs nothing', async () => {
  const secured = await startSecured({ env: OPEN });
  const mutation = encodeURIComponent('mutation { cancelJob(projectId: "a", id: "1") { id } }');
  expect((await send(secured, `/graphql?query=${mutation}`, {})).status).toBe(405);
});

test('every answer has the security headers, with a policy of its own', async () => {
  const secured = await startSecured({
    env: { PLAYHEAD_PUBLIC_URL: 'https://media.example', PLAYHEAD_GRAPHIQL: 'on' },
  });
  for (const path of ['/', '/graphql', '/healthz', '/files/a/b/c.mp4', '/nothing', '/p/a']) {
    const { headers } = await send(secured, path, { headers: { accept: 'text/html' } });
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'strict-transport-security': expect.stringContaining('max-age') as string,
    });
    const policy = String(headers['content-security-policy']);
    expect(policy, path).toContain("default-src 'none'");
    const scripts = policy.split('; ').filter((part) => part.startsWith('script-src'));
    expect(scripts.join(), path).not.toMatch(/unsafe|\*|https?:/);
  }
});

test('GraphiQL’s nonce is another each time', async () => {
  const secured = await startSecured({ env: OPEN });
  const pages = await Promise.all(
    [1, 2].map(() => send(secured, '/graphql', { headers: { accept: 'text/html' } })),
  );
  const nonces = pages.map(({ body, headers }) => {
    const nonce = /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1] ?? 'none';
    expect(body.split(`<script nonce="${nonce}">`)).toHaveLength(2);
    return nonce;
  });
  expect(nonces[0]).not.toBe(nonces[1]);
});

const WRONG_NAMES = [
  '{ workflow { taskName } }',
  '{ job(projectId: "a", idd: "1") { id } }',
  'query ($s: [JobStatu!]) { jobs(projectId: "a", status: $s) { edges { node { id } } } }',
  'mutation ($input: GenerateVideoInput!) { generateVideo(input: $input) { id } }',
  'mutation { generateVideo(input: { projectId: "a", scrip: "x" }) { id } }',
];

test.each([
  ['off by default with authentication', {}, false],
  ['on when set', { PLAYHEAD_GRAPHIQL: 'on', PLAYHEAD_INTROSPECTION: 'on' }, true],
  ['on by default on a laptop', OPEN, true],
  ['off when set', { ...OPEN, PLAYHEAD_GRAPHIQL: 'off', PLAYHEAD_INTROSPECTION: 'off' }, false],
])('introspection and GraphiQL are %s', async (_name, env, isOn) => {
  const secured = await startSecured({ env });
  const credential = await secured.key();
  const { data, errors } = await answerOf(
    await secured.post('{ __schema { types { name } } }', { credential }),
  );
  expect(data?.['__schema'] !== undefined).toBe(isOn);
  if (!isOn) expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  const page = await send(secured, '/graphql', { headers: { accept: 'text/html' } });
  expect(page.body.includes('YogaGraphiQL')).toBe(isOn);
  // GraphiQL writes what is edited into its address; loading that again is no query.
  const again = await send(secured, `/graphql?query=${encodeURIComponent(WORKFLOWS)}`, {
    headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
  });
  expect(again.body.includes('YogaGraphiQL')).toBe(isOn);
  const client = await RawClient.open(secured.url);
  client.init(credential);
  await client.until('connection_ack');
  client.send({ id: '1', type: 'subscribe', payload: { query: '{ __schema { types { name } } }' } });
  expect((await client.until(isOn ? 'next' : 'error')).id).toBe('1');
  // Wrong names are not answered with right ones.
  for (const query of WRONG_NAMES) {
    const answered = await secured.post(query, { credential, variables: { input: { scrip: 'x' } } });
    expect((await answered.text()).includes('Did you mean') && !isOn, query).toBe(false);
  }
  client.send({ id: '2', type: 'subscribe', payload: { query: 'subscription { jobEvent { id } }' } });
  const suggested = () => client.messages.some((message) => JSON.stringify(message).includes('Did you mean'));
  await until(() => client.messages.some(({ id, type }) => id === '2' && type === 'error'));
  expect(suggested()).toBe(isOn);
});
