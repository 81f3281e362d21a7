import { expect, test } from 'vitest';
import { readConfig } from '../../src/settings/config.ts';

test('without settings everything has a default, on loopback', () => {
  expect(readConfig({})).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    redisUrl: undefined,
    logLevel: 'info',
  });
});

test('a configuration gives settings, and the environment comes first', () => {
  const given = { PORT: 8080, PLAYHEAD_GRAPHIQL: false, PLAYHEAD_LOG_LEVEL: 'warn' };
  const config = readConfig({ PLAYHEAD_LOG_LEVEL: 'error', PORT: '' }, {}, given);
  expect(config).toMatchObject({ port: 8080, logLevel: 'error', security: { graphiql: false } });
  expect(() => readConfig({}, {}, { PORT: 'high', PRT: 1 })).toThrow(
    /settings\.PRT: expected a setting[\s\S]*PORT: expected a port .*received "high"/,
  );
});

test('an empty variable counts as unset', () => {
  expect(readConfig({ PORT: '', REDIS_URL: '' })).toMatchObject({ port: 4000, redisUrl: undefined });
});

test('every wrong setting is named at once, with what it takes and what came', () => {
  const env = {
    PORT: '70000',
    REDIS_URL: 'localhost',
    PLAYHEAD_CONCURRENCY: '0',
    PLAYHEAD_LOG_LEVEL: 'loud',
  };
  expect(() => readConfig(env)).toThrow(
    /PORT: expected a port.*received "70000"[\s\S]*REDIS_URL: expected redis:[\s\S]*PLAYHEAD_CONCURRENCY: expected[\s\S]*"0"[\s\S]*PLAYHEAD_LOG_LEVEL: expected one of fatal[\s\S]*"loud"/,
  );
});

test.each(['0.0.0.0', '192.168.1.5', '::', 'example.com', '127.example.com'])(
  'HOST %s is refused without authentication',
  (host) => {
    expect(() => readConfig({ HOST: host })).toThrow(/HOST: expected a loopback address/);
  },
);

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('HOST %s is allowed', (host) => {
  expect(readConfig({ HOST: host }).host).toBe(host);
});

test('a Redis password with raw characters is refused with how to write them, and is not shown', () => {
  const read = (): unknown => readConfig({ REDIS_URL: 'redis://:sesame%open@localhost' });
  expect(read).toThrow('holds %, which must be percent-encoded: %25');
  expect(read).not.toThrow('sesame');
});
