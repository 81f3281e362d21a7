import { expect, test } from 'vitest';
import { parseApiKey } from '../../src/auth/api-key.ts';
import { Authentication } from '../../src/auth/authentication.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { OPEN_VIEWER } from '../../src/auth/viewer.ts';
import { Secret } from '../../src/core/secret.ts';
import { runKeys } from '../../src/operator/keys.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { connect, SetClock, unique } from '../setup/harness.ts';

const NOW = 1_800_000_000_000;

function setUp() {
  const redis = connect();
  const keys = createKeys(unique('keys'));
  const clock = new SetClock(NOW);
  const store = new CredentialStore(redis, keys, clock);
  return {
    redis,
    keys,
    clock,
    store,
    run: async (...argv: string[]) => (await runKeys(store, clock, argv)).out,
  };
}

test('a key is made, listed without its secret, and revoked', async () => {
  const { run, store, redis, keys } = setUp();
  // The key alone, so that a script can take it.
  const text = await run('create', '--project', 'a', '--project', 'b', '--scope', 'write', '--name', 'site');
  const parts = parseApiKey(text.trimEnd());
  expect(parts).not.toBeNull();
  const { id, secret } = parts ?? { id: '', secret: '' };
  expect(Buffer.from(secret, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
  expect(await run('list')).toBe(`${id}  write  a, b  without expiry  site\n`);
  const listed = await run('list', '--json');
  expect(JSON.parse(listed)).toMatchObject({ id, scope: 'write', name: 'site' });
  expect(listed).not.toContain(secret);
  expect(JSON.stringify(await redis.hgetall(keys.auth.key(id)))).not.toContain(secret);
  expect(await store.findKey({ id, secret })).toMatchObject({ projects: ['a', 'b'], scope: 'write' });
  expect(await run('revoke', id)).toBe('revoked\n');
  expect(await store.findKey({ id, secret })).toBeNull();
  expect(await run('list')).toContain('revoked');
});

test('a share link is revoked by itself, or as its token alone', async () => {
  const { run, store, clock } = setUp();
  const secret = new Secret('a-secret-that-nobody-guesses-in-a-test');
  const authentication = new Authentication({ store, secret, tokens: null, viewerTokenMs: 60_000, clock });
  const tokens = await Promise.all(
    [1, 2, 3].map(() => authentication.delegate(OPEN_VIEWER, { projectId: 'a', jobId: 'j' })),
  );
  const [first, second, third] = tokens.map(({ token }) => token);
  expect(await run('revoke-token', `https://media.test/p/a/jobs/j#share=${first}`)).toBe('revoked\n');
  await run('revoke-token', second ?? '');
  const open = (token = ''): Promise<unknown> => authentication.authenticate(`Bearer ${token}`);
  for (const token of [first, second]) {
    await expect(open(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect(await open(third)).toMatchObject({ projects: ['a'], jobId: 'j', scope: 'read', mayDelegate: false });
});

test('a token of your own login is revoked by its claim jti', async () => {
  const { run, store } = setUp();
  expect(await store.isAlive('jwt:one')).toBe(true);
  expect(await run('revoke-token', 'one')).toBe('revoked\n');
  expect([await store.isAlive('jwt:one'), await store.isAlive('jwt:other')]).toEqual([false, true]);
});

test('keys are listed oldest first, and what was revoked once stays so, since when', async () => {
  const { store, clock, redis, keys } = setUp();
  const made: string[] = [];
  for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    clock.time += 1_000;
    made.push((await store.createKey({ name, projects: ['a'], scope: 'read', expiresAt: null })).text);
  }
  expect((await store.listKeys()).map(({ name }) => name).join('')).toBe('12345678');
  const parts = parseApiKey(made[3] ?? '') ?? { id: '', secret: '' };
  const credential = `key:${parts.id}`;
  expect(await store.isAlive(credential)).toBe(true);
  const revokedAt = clock.time;
  expect(await store.revokeKey(parts.id)).toBe(true);
  clock.time += 5_000;
  expect(await store.revokeKey(parts.id)).toBe(true);
  expect((await store.listKeys())[3]?.revokedAt).toBe(revokedAt);
  // Whoever revoked it died before the list was told.
  await redis.hdel(keys.auth.key(parts.id), 'revokedAt');
  expect(await store.findKey(parts)).toBeNull();
  expect(await store.isAlive(credential)).toBe(false);
});

test('a key runs out', async () => {
  const { run, store, clock } = setUp();
  const text =
    (await run('create', '--project', 'a', '--scope', 'read', '--days', '2')).split('\n', 1)[0] ?? '';
  const parts = parseApiKey(text) ?? { id: '', secret: '' };
  clock.time = NOW + 2 * 86_400_000 - 1;
  expect(await store.findKey(parts)).not.toBeNull();
  expect(await store.isAlive(`key:${parts.id}`)).toBe(true);
  clock.time += 1;
  expect(await store.findKey(parts)).toBeNull();
  expect(await store.isAlive(`key:${parts.id}`)).toBe(false);
  expect(await store.isAlive('key:of-nobody')).toBe(false);
  expect(await run('list')).toContain('expired');
});

test.each([
  [[]],
  [['make']],
  [['create', '--scope', 'read']],
  [['create', '--project', 'a']],
  [['create', '--project', 'a b', '--scope', 'read']],
  [['create', '--all-projects', '--scope', 'write']],
  [['create', '--project', 'a', '--scope', 'read', '--days', '0']],
  [['create', '--project', 'a', '--scope', 'read', '--for-ever']],
  [['revoke']],
  [['revoke', 'nobody']],
])('%j is refused', async (argv) => {
  await expect(setUp().run(...argv)).rejects.toMatchObject({ name: 'UsageError' });
});
