/** Who uses the page and what it asks, while the server does not answer, in a browser that the test plays. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventOf, jobState } from './job-states.ts';

const DEVICE_TOKEN = 'the-token-of-this-device';
const GRANT = { scope: 'READ', projects: ['a'], jobId: null, expiresAt: null };
const EVERYTHING = { scope: 'ADMIN', projects: null, jobId: null, expiresAt: null };

class FakeStorage {
  readonly #items = new Map<string, string>();

  getItem(name: string): string | null {
    return this.#items.get(name) ?? null;
  }

  setItem(name: string, value: string): void {
    this.#items.set(name, value);
  }

  removeItem(name: string): void {
    this.#items.delete(name);
  }
}

interface Server {
  isAway: boolean;
  /** The tokens that it was asked with. */
  readonly asked: (string | null)[];
}

/** A browser whose page stands at this address, and a server that is away. */
function play(address: string, kept?: string): Server {
  const { pathname, hash } = new URL(address, 'http://server');
  const device = new FakeStorage();
  if (kept !== undefined) device.setItem('playhead.token', kept);
  vi.stubGlobal('location', { pathname, hash, search: '', host: 'server', protocol: 'http:' });
  vi.stubGlobal('localStorage', device);
  vi.stubGlobal('sessionStorage', new FakeStorage());
  const server: Server = { isAway: true, asked: [] };
  vi.stubGlobal('fetch', async (_url: string, { headers }: { headers: Record<string, string> }) => {
    server.asked.push(headers['authorization']?.replace('Bearer ', '') ?? null);
    if (server.isAway) throw new TypeError('Failed to fetch');
    return { status: 200, json: async () => ({ data: { viewer: GRANT } }) };
  });
  return server;
}

/** @param kept the token that the device has kept */
async function open(address: string, kept?: string) {
  const server = play(address, kept);
  const { beginSession, session } = await import('../../web/state/session.ts');
  const { credential } = await import('../../web/api/credential.ts');
  beginSession();
  await vi.advanceTimersByTimeAsync(0);
  return { server, session, credential };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('navigator', { language: 'en-US' });
  vi.resetModules();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('while the server is away the page begins with the token that was kept, and is put right by the answer', async () => {
  const { server, session, credential } = await open('/p/a', DEVICE_TOKEN);
  expect(session.get()).toEqual({ name: 'in', grant: EVERYTHING, onDevice: true });
  expect(credential.token).toBe(DEVICE_TOKEN);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(session.get()).toMatchObject({ name: 'in', grant: EVERYTHING });
  server.isAway = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(session.get()).toEqual({ name: 'in', grant: GRANT, onDevice: true });
  expect(server.asked).toEqual([DEVICE_TOKEN, DEVICE_TOKEN, DEVICE_TOKEN]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.asked).toHaveLength(3);
});

test('while the server is away a page without a token begins open', async () => {
  const { server, session, credential } = await open('/p/a');
  expect(session.get()).toEqual({ name: 'open' });
  expect(credential.token).toBeNull();
  server.isAway = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(session.get()).toEqual({ name: 'open' });
  expect(server.asked).toEqual([null, null]);
});

test('while the server is away a share link opens its job to read, and nothing else', async () => {
  const { server, session } = await open('/p/a/jobs/j1#share=token-of-j1', DEVICE_TOKEN);
  const grant = { scope: 'READ', projects: ['a'], jobId: 'j1', expiresAt: null };
  expect(session.get()).toEqual({ name: 'in', grant, onDevice: false });
  expect(server.asked).toEqual(['token-of-j1']);
});

test.each([
  ['has run out', -60_000, 'ended'],
  ['would have counted on', 60_000, 'revoked'],
  ['has no end', null, 'revoked'],
] as const)('a token that is refused and %s says so', async (_name, leftMs, reason) => {
  const { session } = await open('/p/a', DEVICE_TOKEN);
  const { endSession } = await import('../../web/state/session.ts');
  const expiresAt = leftMs === null ? null : new Date(Date.now() + leftMs).toISOString();
  const grant = { ...GRANT, scope: 'READ', expiresAt } as const;
  session.set({ name: 'in', grant, onDevice: true });
  endSession('another token');
  expect(session.get().name).toBe('in');
  endSession(DEVICE_TOKEN);
  const endedAt = reason === 'ended' ? Date.parse(expiresAt ?? '') : null;
  expect(session.get()).toEqual({ name: 'out', reason, endedAt, below: grant });
  expect(localStorage.getItem('playhead.token')).toBeNull();
});

test('what the server does not answer is asked again, each time later, up to every ten seconds, while it is live', async () => {
  const server = play('/p/a');
  const { Project } = await import('../../web/state/project.ts');
  vi.stubGlobal('document', { visibilityState: 'hidden' });
  const project = new Project('a');
  project.connection.set({ name: 'live' });
  const waits: number[] = [];
  project.store.apply(eventOf(jobState('j1')), 0);
  let waited = 0;
  for (let step = 0; step < 1_000; step += 1) {
    await vi.advanceTimersByTimeAsync(50);
    waited += 50;
    if (server.asked.splice(0).length === 0) continue;
    waits.push(waited);
    waited = 0;
  }
  expect(waits.slice(0, 9)).toEqual([150, 300, 600, 1_200, 2_400, 4_800, 9_600, 10_000, 10_000]);
  project.connection.set({ name: 'connecting' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.asked).toEqual([]);
  project.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.getTimerCount()).toBe(0);
});
