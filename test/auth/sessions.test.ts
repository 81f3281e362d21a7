/** What goes on under a credential: who is looked at when, and what ends. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sessions } from '../../src/auth/sessions.ts';
import { OPEN_VIEWER, requireAccess, SCOPES, type Scope, type Viewer } from '../../src/auth/viewer.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { SetClock } from '../setup/harness.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const viewer = (id: string, changes: Partial<Viewer> = {}): Viewer => ({
  ...OPEN_VIEWER,
  id,
  credentials: [`key:${id}`],
  ...changes,
});

function setUp() {
  const clock = new SetClock(1_000);
  const dead = new Set<string>();
  const asked: string[] = [];
  const state = { revision: '1', isAway: false, revisions: 0 };
  const store = {
    revision: async () => {
      state.revisions += 1;
      if (state.isAway) throw new Error('away');
      return state.revision;
    },
    isAlive: async (credential: string) => {
      asked.push(credential);
      return !dead.has(credential);
    },
  };
  const sessions = new Sessions(store, clock, silentLogger);
  const ended: string[] = [];
  const enter = (who: Viewer, name = who.id): (() => void) => sessions.enter(who, () => ended.push(name));
  return { sessions, clock, dead, asked, state, ended, enter };
}

/** Another turn of the regular look, to its end. */
const turn = (ms = 300): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('whatever is revoked or has run out ends within 300 ms, once, and nothing else', async () => {
  const { sessions, clock, dead, state, ended, enter } = setUp();
  enter(viewer('stays'));
  enter(viewer('revoked'), 'one');
  enter(viewer('revoked'), 'other');
  enter(viewer('made with it', { credentials: ['viewer:1', 'key:revoked'] }));
  enter(viewer('runs out', { expiresAt: 2_000 }));
  await turn();
  expect(ended).toEqual([]);
  dead.add('key:revoked');
  state.revision = '2';
  await turn(299);
  expect(ended).toEqual([]);
  await turn(1);
  expect(ended).toEqual(['one', 'other', 'made with it']);
  clock.time = 1_999;
  await turn();
  expect(ended).toHaveLength(3);
  clock.time = 2_000;
  await turn();
  await turn();
  expect(ended).toEqual(['one', 'other', 'made with it', 'runs out']);
  expect([sessions.size, sessions.countOf(viewer('stays')), sessions.countOf(viewer('revoked'))]).toEqual([
    1, 1, 0,
  ]);
});

test('each credential is asked about once after a revocation, and a new session’s in any case', async () => {
  const { asked, state, enter } = setUp();
  enter(viewer('a'), 'one');
  enter(viewer('a'), 'other');
  enter(viewer('b', { credentials: ['viewer:1', 'key:a'] }));
  await turn();
  expect(asked.splice(0).sort()).toEqual(['key:a', 'viewer:1']);
  await turn();
  expect(asked).toEqual([]);
  enter(viewer('c'));
  await turn();
  expect(asked.splice(0)).toEqual(['key:c']);
  state.revision = '2';
  await turn();
  expect(asked.splice(0).sort()).toEqual(['key:a', 'key:c', 'viewer:1']);
});

test('a look that fails is tried again; while one goes on no other begins', async () => {
  const { dead, state, ended, enter } = setUp();
  enter(viewer('a'));
  state.isAway = true;
  dead.add('key:a');
  await turn();
  expect(ended).toEqual([]);
  state.isAway = false;
  await turn();
  expect(ended).toEqual(['a']);

  const { promise, resolve } = Promise.withResolvers<string>();
  let looks = 0;
  const slow = {
    revision: () => {
      looks += 1;
      return promise;
    },
    isAlive: async () => true,
  };
  const sessions = new Sessions(slow, new SetClock(0), silentLogger);
  sessions.enter(viewer('b'), () => {});
  await turn(900);
  expect(looks).toBe(1);
  resolve('1');
  await turn();
  expect(looks).toBe(2);
  sessions.close();
});

test('nothing is asked while there is no session, and counts are those of who is there', async () => {
  const { sessions, state, ended, enter } = setUp();
  await turn(900);
  expect(state.revisions).toBe(0);
  const [first, second] = [enter(viewer('a')), enter(viewer('a'))];
  expect(sessions.countOf(viewer('a'))).toBe(2);
  first();
  first();
  expect([sessions.countOf(viewer('a')), sessions.size]).toEqual([1, 1]);
  await turn();
  expect(state.revisions).toBe(1);
  second();
  expect([sessions.countOf(viewer('a')), vi.getTimerCount()]).toEqual([0, 0]);
  await turn(900);
  expect(state.revisions).toBe(1);
  enter(viewer('a', { expiresAt: 0 }));
  sessions.close();
  await sessions.look();
  await turn(900);
  expect([ended, vi.getTimerCount()]).toEqual([[], 0]);
});

test.each([
  ['report', ['report']],
  ['read', ['read']],
  ['write', ['report', 'read', 'write']],
  ['admin', SCOPES],
] as const)('the scope %s permits %o, in its own projects only', (scope, permitted: readonly Scope[]) => {
  const one = viewer('a', { projects: ['mine'], scope });
  for (const asked of SCOPES) {
    const isEnough = permitted.includes(asked);
    const allow = (): void => requireAccess(one, 'mine', asked);
    if (isEnough) expect(allow).not.toThrow();
    else expect(allow).toThrow(expect.objectContaining({ code: 'FORBIDDEN', details: { scope: asked } }));
    expect(() => requireAccess(one, 'other', asked)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    if (isEnough) expect(() => requireAccess({ ...one, projects: '*' }, 'other', asked)).not.toThrow();
  }
});
