/** The names of keys and channels: what an earlier version has stored is found under them, and each node finds its own. */
import { expect, test } from 'vitest';
import { createKeys } from '../../src/redis/keys.ts';

test('what belongs to no project has the names that it always had', () => {
  const { auth, durations, probes, project: _, ...names } = createKeys('mine', 3);
  expect(names).toEqual({
    unended: 'mine:unended',
    retired: 'mine:retired',
    leases: 'mine:leases',
    leaseWatch: 'mine:lease-watch',
    measured: 'mine:measured',
    projects: 'mine:projects',
    workers: 'mine:workers',
    abilities: 'mine:abilities',
    ranges: 'mine:ranges',
    // All databases have their channels in common.
    control: 'mine:db3:control',
    webhooks: 'mine:webhooks',
    webhookLease: 'mine:webhook-lease',
    queuePrefix: '{mine}',
  });
  expect(durations('AUDIO', 'local')).toBe('mine:durations:AUDIO:local');
  expect(probes(2)).toEqual(['mine:probe:{0}', 'mine:probe:{1}']);
  const { key, rate, ...others } = auth;
  expect(others).toEqual({
    keys: 'mine:auth:keys',
    // In one slot: they change in one step.
    revision: 'mine:auth:{revoked}:revision',
    revoked: 'mine:auth:{revoked}:credentials',
  });
  expect([key('k'), rate('v')]).toEqual(['mine:auth:key:k', 'mine:auth:rate:v']);
});

test('what belongs to a project has the names that it always had, all in the slot of the project', () => {
  const keys = createKeys().project('film');
  const webhook = keys.webhook('w');
  const named = Object.entries({ ...keys, ...webhook, webhooks: keys.webhooks })
    .filter(([, name]) => typeof name === 'string')
    .map(([what, name]) => [what, String(name)]);
  expect(Object.fromEntries(named)).toEqual({
    meta: 'playhead:{film}:meta',
    log: 'playhead:{film}:log',
    jobs: 'playhead:{film}:jobs',
    items: 'playhead:{film}:items',
    active: 'playhead:{film}:active',
    latest: 'playhead:{film}:latest',
    live: 'playhead:db0:{film}:live',
    usage: 'playhead:{film}:usage',
    webhooks: 'playhead:{film}:webhooks',
    settings: 'playhead:{film}:webhook:w',
    waiting: 'playhead:{film}:webhook:w:waiting',
    due: 'playhead:{film}:webhook:w:due',
    deliveries: 'playhead:{film}:webhook:w:deliveries',
    finished: 'playhead:{film}:webhook:w:finished',
    records: 'playhead:{film}:webhook:w:records',
    bodies: 'playhead:{film}:webhook:w:bodies',
  });
  expect([
    ...[keys.files('1'), keys.job('1'), keys.outputs('1'), keys.lines('1'), keys.batch('1')],
    ...[keys.index('AUDIO', 'QUEUED'), keys.itemIndex('AUDIO', 'QUEUED'), keys.idempotency('audio', 'k')],
    ...[keys.tracked('call', 'my:task', 'a'), keys.durations('my:task', 'digest')],
  ]).toEqual([
    'playhead:{film}:files:1',
    'playhead:{film}:job:1',
    'playhead:{film}:outputs:1',
    'playhead:{film}:lines:1',
    'playhead:{film}:batch:1',
    'playhead:{film}:index:AUDIO:QUEUED',
    'playhead:{film}:item-index:AUDIO:QUEUED',
    'playhead:{film}:idem:audio:k',
    // A task's name may be anything, and is never taken for two parts.
    'playhead:{film}:tracked:call:my%3Atask:a',
    'playhead:{film}:durations:my%3Atask:digest',
  ]);
});
