import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Authentication } from '../../src/auth/authentication.ts';
import { bearsToken } from '../../src/auth/bearer-token.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { FileLinks } from '../../src/auth/file-links.ts';
import { RateLimit } from '../../src/auth/rate-limit.ts';
import { Sessions } from '../../src/auth/sessions.ts';
import { deriveKey } from '../../src/auth/signing.ts';
import { OPEN_VIEWER } from '../../src/auth/viewer.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { Secret } from '../../src/core/secret.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { connect, SetClock, unique } from '../setup/harness.ts';

const HOUR_MS = 3_600_000;
const secret = new Secret('a-secret-that-nobody-guesses-in-a-test');

type TokenSettings = ConstructorParameters<typeof Authentication>[0]['tokens'];

/** With keys of its own. @param tokens those that others sign */
function openAuthentication(name: string, clock: SetClock, tokens: TokenSettings = null) {
  const redis = connect();
  const keys = createKeys(unique(name));
  const store = new CredentialStore(redis, keys, clock);
  const authentication = new Authentication({ store, secret, tokens, viewerTokenMs: HOUR_MS, clock });
  return { authentication, keys, redis, store };
}

test('keys published at a URL are found, tokens of others refused, and a URL that is away is no bad token', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(close);
  const clock = new SetClock();
  const authentication = (): Authentication =>
    openAuthentication('jwks', clock, {
      ...{ key: { jwksUrl: url }, algorithms: ['ES256'], issuer: 'i', audience: 'p' },
    }).authentication;
  const make = (key: CryptoKey, kid: string): Promise<string> =>
    new SignJWT({ iss: 'i', aud: 'p', projects: 'a', scope: 'read' })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setExpirationTime('5m')
      .sign(key);
  const own = await make(privateKey, 'k1');
  expect(await authentication().authenticate(`Bearer ${own}`)).toMatchObject({
    projects: ['a'],
    scope: 'read',
  });
  const other = await make((await generateKeyPair('ES256')).privateKey, 'k1');
  await expect(authentication().authenticate(`bearer ${other}`)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  // The public key, known to all, taken as the secret of HS256.
  const confused = await new SignJWT({ iss: 'i', aud: 'p', projects: '*', scope: 'admin' })
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(JSON.stringify(jwk)));
  await expect(authentication().authenticate(`Bearer ${confused}`)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  await close();
  await expect(authentication().authenticate(`Bearer ${own}`)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a token for a browser never lasts longer than the credential that made it', async () => {
  const clock = new SetClock(1_800_000_000_000);
  const { authentication } = openAuthentication('viewer', clock);
  const maker = { ...OPEN_VIEWER, expiresAt: clock.time + 5_000 };
  expect((await authentication.delegate(maker, { projectId: 'a' })).expiresAt).toBe(clock.time + 5_000);
  const { token, expiresAt } = await authentication.delegate(OPEN_VIEWER, { projectId: 'a' });
  expect(expiresAt).toBe(clock.time + HOUR_MS);
  // In seconds, as everybody reads who decodes it.
  expect(decodeJwt(token)).toMatchObject({ iat: clock.time / 1_000, exp: expiresAt / 1_000 });
  expect(await authentication.authenticate(`Bearer ${token}`)).toMatchObject({
    projects: ['a'],
    scope: 'read',
    mayDelegate: false,
  });
  clock.time = expiresAt;
  await expect(authentication.authenticate(`Bearer ${token}`)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

test('what an earlier version has signed still counts', async () => {
  const clock = new SetClock(1_800_000_000_000);
  expect(new FileLinks(secret, HOUR_MS, clock).query('a/job/video.mp4')).toBe(
    'until=1800007200&signature=ctP6su3bU7hRUdyH5SisOiLYixXXOor3_b-CjNnkd7Q',
  );
  const { authentication } = openAuthentication('viewer', clock);
  const jti = '04f14fe9-aedb-4d39-b7f3-7e80e2fc7751';
  const claims = { project: 'a', scope: 'read', from: [], jti, iat: 1_800_000_000, exp: 1_800_003_600 };
  const [header, payload] = [{ alg: 'HS256', typ: 'playhead-viewer+jwt' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const token = `${header}.${payload}.WOOvBLPfkJzmS2SBnT_QMMwqKyo5KxIkQDYAUxuWxxE`;
  expect(await authentication.authenticate(`Bearer ${token}`)).toMatchObject({
    id: `viewer:${jti}`,
    projects: ['a'],
    scope: 'read',
  });
});

test('what is no bearer credential is refused, and says what is expected', async () => {
  const clock = new SetClock();
  const { authentication } = openAuthentication('bearer', clock);
  const others = [undefined, null, 7, '', 'Bearer', 'Bearer ', 'Basic x', 'Bearer one two'];
  for (const authorization of [...others, `Bearer ${'x'.repeat(32_768)}`]) {
    await expect(authentication.authenticate(authorization)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'authorization: expected Bearer and a token or API key',
    });
  }
});

test('what is unknown, revoked or half a record is refused, and says so', async () => {
  const clock = new SetClock();
  const { authentication, keys, redis, store } = openAuthentication('refused', clock);
  const open = (credential: string): Promise<unknown> => authentication.authenticate(`Bearer ${credential}`);
  const grant = { name: '', projects: ['a'], scope: 'read', expiresAt: null } as const;
  const [revoked, damaged] = [await store.createKey(grant), await store.createKey(grant)];
  expect(await open(revoked.text)).toMatchObject({ projects: ['a'], scope: 'read' });
  const { token } = await authentication.delegate(OPEN_VIEWER, { projectId: 'a' });
  const { id } = await authentication.authenticate(`Bearer ${token}`);
  await store.revokeKey(revoked.id);
  await store.revokeToken(id, null);
  await redis.hdel(keys.auth.key(damaged.id), 'createdAt');
  for (const text of [revoked.text, damaged.text, `ph_0123456789ab_${'A'.repeat(43)}`]) {
    await expect(open(text)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The API key is unknown, has expired or was revoked',
    });
  }
  await expect(open(token)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'The token was revoked',
  });
  expect((await store.listKeys()).map((key) => key.id)).toEqual([revoked.id]);
});

test('a token for a browser lasts as long as was asked for, within its limits', async () => {
  const clock = new SetClock(1_800_000_000_000);
  const { authentication } = openAuthentication('lifetime', clock);
  const make = (lifetimeSeconds: number, jobId?: string) =>
    authentication.delegate(OPEN_VIEWER, { projectId: 'a', jobId, lifetimeSeconds });
  for (const seconds of [60, 3_600]) {
    expect((await make(seconds)).expiresAt).toBe(clock.time + seconds * 1_000);
  }
  const month = 30 * 86_400;
  expect((await make(month, 'j')).expiresAt).toBe(clock.time + month * 1_000);
  for (const [seconds, jobId, most] of [
    [59, undefined, 3_600],
    [3_601, undefined, 3_600],
    [59, 'j', month],
    [month + 1, 'j', month],
  ] as const) {
    await expect(make(seconds, jobId)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(
        `lifetimeSeconds: expected a whole number of seconds from 60 to ${most}`,
      ),
    });
  }
});

test('a token for a browser whose type is not that of its claims is refused', async () => {
  const clock = new SetClock();
  const { authentication } = openAuthentication('typed', clock);
  const open = async (typ: string, job: { job?: string }): Promise<unknown> => {
    const token = new SignJWT({ project: 'a', scope: 'read', from: [], ...job })
      .setProtectedHeader({ alg: 'HS256', typ })
      .setJti('one')
      .setExpirationTime(Math.floor(clock.time / 1_000) + 60);
    return authentication.authenticate(`Bearer ${await token.sign(deriveKey(secret, 'viewer-token'))}`);
  };
  expect(await open('playhead-viewer+jwt', {})).toMatchObject({ projects: ['a'], jobId: null });
  expect(await open('playhead-job+jwt', { job: 'j' })).toMatchObject({ projects: ['a'], jobId: 'j' });
  const refusal = { code: 'UNAUTHENTICATED' };
  await expect(open('playhead-viewer+jwt', { job: 'j' })).rejects.toMatchObject(refusal);
  await expect(open('playhead-job+jwt', {})).rejects.toMatchObject(refusal);
});

test('two tokens of one login have limits of their own', async () => {
  const clock = new SetClock();
  const { authentication } = openAuthentication('login', clock, {
    ...{ key: { secret }, algorithms: ['HS256'], issuer: 'i', audience: 'p' },
  });
  const open = async (jti: string) => {
    const token = new SignJWT({ iss: 'i', aud: 'p', sub: 'somebody', projects: 'a', scope: 'read' })
      .setProtectedHeader({ alg: 'HS256' })
      .setJti(jti)
      .setExpirationTime(Math.floor(clock.time / 1_000) + 60);
    const text = await token.sign(new TextEncoder().encode(secret.reveal()));
    return authentication.authenticate(`Bearer ${text}`);
  };
  const [one, again, other] = [await open('one'), await open('one'), await open('other')];
  expect([one.credentials, other.credentials]).toEqual([['jwt:one'], ['jwt:other']]);
  expect(one.id).toMatch(/^jwt:/);
  expect(again.id).toBe(one.id);
  expect(other.id).not.toBe(one.id);
});

test.each([
  ['Bearer the-token', true],
  ['bearer   the-token', true],
  [undefined, false],
  ['', false],
  ['the-token', false],
  ['Bearer', false],
  ['Bearer other', false],
  ['Bearer the-token and more', false],
  ['Basic x, Bearer the-token', false],
])('whether a request with %j bears the token of the configuration: %j', (authorization, expected) => {
  expect(bearsToken({ headers: { authorization } }, new Secret('the-token'))).toBe(expected);
});

test('a link is the same for all viewers within its period, opens its own file only, and runs out', () => {
  const clock = new SetClock(HOUR_MS * 1_000 + 10);
  const links = new FileLinks(secret, HOUR_MS, clock);
  const query = links.query('a/job/video.mp4');
  const { edition } = links;
  clock.time += HOUR_MS - 20;
  expect(links.query('a/job/video.mp4')).toBe(query);
  const allows = (path: string, text = query): boolean => links.allows(path, new URLSearchParams(text));
  expect(allows('a/job/video.mp4')).toBe(true);
  expect(allows('b/job/video.mp4')).toBe(false);
  expect(allows('a/job/video.mp4', query.replace(/until=\d+/, 'until=99999999999'))).toBe(false);
  expect(allows('a/job/video.mp4', '')).toBe(false);
  expect(
    new FileLinks(new Secret('another'), HOUR_MS, clock).allows(
      'a/job/video.mp4',
      new URLSearchParams(query),
    ),
  ).toBe(false);
  clock.time += HOUR_MS;
  expect(links.edition).toBe(edition + 1);
  expect(allows('a/job/video.mp4')).toBe(true);
  clock.time += 20;
  expect(allows('a/job/video.mp4')).toBe(false);
});

test('operations per second are counted together by all servers, per credential, and say how long to wait', async () => {
  const keys = createKeys(unique('rate'));
  const one = new RateLimit(connect(), keys, 0.01, 4);
  const other = new RateLimit(connect(), keys, 0.01, 4);
  const viewer = { ...OPEN_VIEWER, id: 'key:1' };
  const takes = [one, other, one, other].map((rate) => rate.take(viewer));
  await Promise.all(takes);
  const refused = await other.take(viewer).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
  const { retryAfterSeconds } = refused as { retryAfterSeconds: number };
  expect(retryAfterSeconds).toBeGreaterThan(90);
  expect(retryAfterSeconds).toBeLessThanOrEqual(100);
  await other.take({ ...viewer, id: 'key:2' });
});

test('operations that were paid for by a clock that has been set back since are not waited for', async () => {
  const keys = createKeys(unique('rate'));
  const redis = connect();
  const viewer = { ...OPEN_VIEWER, id: 'key:1' };
  await redis.set(keys.auth.rate(viewer.id), (Date.now() + HOUR_MS) * 1_000);
  const rate = new RateLimit(redis, keys, 0.01, 2);
  await rate.take(viewer);
  await rate.take(viewer);
  await expect(rate.take(viewer)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('an operation that comes to Redis too late is refused, and not counted; one that counts does until it is paid off', async () => {
  const keys = createKeys(unique('rate'));
  const redis = connect();
  const viewer = { ...OPEN_VIEWER, id: 'key:1' };
  const late = new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'eval') return value.bind(target);
      // The last argument is the latest time at which it may be counted.
      return (...args: unknown[]) => Reflect.apply(value, target, [...args.slice(0, -1), 1]);
    },
  });
  await expect(new RateLimit(late, keys, 0.01, 1).take(viewer)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  const rate = new RateLimit(redis, keys, 0.01, 1);
  await rate.take(viewer);
  expect(await redis.pttl(keys.auth.rate(viewer.id))).toBeGreaterThan(50_000);
  await expect(rate.take(viewer)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('while Redis does not answer, sessions stay, and those that run out end all the same', async () => {
  const clock = new SetClock(1_000);
  const store = { revision: () => Promise.reject(new Error('away')), isAlive: async () => true };
  const sessions = new Sessions(store, clock, silentLogger);
  onTestFinished(() => sessions.close());
  const ended: string[] = [];
  sessions.enter({ ...OPEN_VIEWER, id: 'stays' }, () => ended.push('stays'));
  sessions.enter({ ...OPEN_VIEWER, id: 'runs out', expiresAt: 2_000 }, () => ended.push('runs out'));
  await sessions.look();
  expect(ended).toEqual([]);
  clock.time = 2_000;
  await sessions.look();
  expect(ended).toEqual(['runs out']);
});

test('a credential that was revoked between its check and its session is found', async () => {
  const sessions = new Sessions(
    { revision: async () => '7', isAlive: async (name) => name !== 'key:gone' },
    new SetClock(0),
    silentLogger,
  );
  onTestFinished(() => sessions.close());
  await sessions.look();
  const ended: string[] = [];
  sessions.enter({ ...OPEN_VIEWER, credentials: ['key:gone'] }, () => ended.push('gone'));
  const leave = sessions.enter({ ...OPEN_VIEWER, credentials: ['key:here'] }, () => ended.push('here'));
  await sessions.look();
  expect(ended).toEqual(['gone']);
  leave();
  expect(sessions.size).toBe(0);
});

/** A connection over which so many commands are carried out, and then no more: the process has died. */
function dyingAfter(redis: Redis, commands: number): Redis {
  let left = commands;
  return new Proxy(redis, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('died')) : Reflect.apply(value, target, args);
      };
    },
  });
}

test.each(
  ['a key', 'a token'].flatMap((kind) => [1, 2, 3, 4, 5].map((commands) => [kind, commands] as const)),
)(
  '%s whose revocation is cut off at command %d counts as before, or what it began ends',
  async (kind, commands) => {
    // The sessions look when the test says, and at no other time: while they do, no other look begins.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const redis = connect();
    const keys = createKeys(unique('revoked'));
    const store = new CredentialStore(redis, keys, new SetClock());
    const { id } = await store.createKey({ name: '', projects: ['a'], scope: 'read', expiresAt: null });
    const credential = kind === 'a key' ? `key:${id}` : 'jwt:x';
    const sessions = new Sessions(store, new SetClock(), silentLogger);
    let isEnded = false;
    const viewer = { ...OPEN_VIEWER, id: credential, credentials: [credential] };
    onTestFinished(() => sessions.close());
    sessions.enter(viewer, () => {
      isEnded = true;
    });
    await sessions.look();
    const dying = new CredentialStore(dyingAfter(redis, commands - 1), keys, new SetClock());
    const revoking = kind === 'a key' ? dying.revokeKey(id) : dying.revokeToken(credential, null);
    const isDone = await revoking.then(
      () => true,
      () => false,
    );
    const isAlive = await store.isAlive(credential);
    await sessions.look();
    expect([isAlive, isEnded]).toEqual([!isEnded, isEnded]);
    if (isDone) expect(isEnded).toBe(true);
    // Done again it holds in any case.
    if (kind === 'a key') await store.revokeKey(id);
    else await store.revokeToken(credential, null);
    await sessions.look();
    expect([await store.isAlive(credential), isEnded]).toEqual([false, true]);
  },
);

test('a key whose making is cut off lets nobody in, or is listed', async () => {
  for (const commands of [0, 1, 2]) {
    const redis = connect();
    const keys = createKeys(unique('made'));
    const dying = new CredentialStore(dyingAfter(redis, commands), keys, new SetClock());
    await dying.createKey({ name: '', projects: ['a'], scope: 'read', expiresAt: null }).catch(() => null);
    const records = await redis.keys(keys.auth.key('*'));
    const store = new CredentialStore(redis, keys, new SetClock());
    expect((await store.listKeys()).length).toBe(records.length);
  }
});

test('what was revoked is forgotten a day after it would have run out', async () => {
  const clock = new SetClock();
  const redis = connect();
  const keys = createKeys(unique('revoked'));
  const store = new CredentialStore(redis, keys, clock);
  await store.revokeToken('jwt:one', clock.time + HOUR_MS);
  clock.time += 24 * HOUR_MS;
  await store.revokeToken('jwt:two', clock.time + HOUR_MS);
  expect(await store.isAlive('jwt:one')).toBe(false);
  clock.time += 2 * HOUR_MS;
  await store.revokeToken('jwt:three', clock.time + HOUR_MS);
  const kept = ['jwt:one', 'jwt:two', 'jwt:three'].map((credential) =>
    redis.zscore(keys.auth.revoked, credential),
  );
  expect((await Promise.all(kept)).map((score) => score !== null)).toEqual([false, true, true]);
});

test('a token that was revoked without an end of its own is refused for a year', async () => {
  const clock = new SetClock();
  const store = new CredentialStore(connect(), createKeys(unique('revoked')), clock);
  await store.revokeToken('jwt:one', null);
  for (const days of [365, 1]) {
    clock.time += days * 24 * HOUR_MS;
    await store.revokeToken(`jwt:after ${days}`, null);
    expect(await store.isAlive('jwt:one')).toBe(false);
  }
  clock.time += 2 * 24 * HOUR_MS;
  await store.revokeToken('jwt:later', null);
  expect(await store.isAlive('jwt:one')).toBe(true);
});
