import { expect, test } from 'vitest';
import { databaseOf, findRawCharacter, readRedisUrl } from '../../src/redis/url.ts';

test.each([
  ['redis://localhost', { host: 'localhost', port: 6_379 }],
  ['redis://:p%40ss@10.0.0.1:7000/2', { host: '10.0.0.1', port: 7_000, password: 'p@ss', db: 2 }],
  ['redis://me:secret@[::1]:7000', { host: '::1', port: 7_000, username: 'me', password: 'secret' }],
  ['rediss://host:1', { host: 'host', port: 1, tls: {} }],
  [
    'redis+sentinel://:pw@a:1,b/main/3?sentinelPassword=s',
    {
      sentinels: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26_379 },
      ],
      name: 'main',
      db: 3,
      password: 'pw',
      sentinelPassword: 's',
    },
  ],
  [
    'redis+cluster://me:p%40ss@a:7000,b,[::1]:7001',
    {
      clusterNodes: [
        { host: 'a', port: 7_000 },
        { host: 'b', port: 6_379 },
        { host: '::1', port: 7_001 },
      ],
      username: 'me',
      password: 'p@ss',
    },
  ],
  ['rediss+cluster://a/', { clusterNodes: [{ host: 'a', port: 6_379 }], tls: {} }],
  ['redis+sentinel://a', { sentinels: [{ host: 'a', port: 26_379 }], name: 'mymaster' }],
])('%s', (url, place) => {
  expect(readRedisUrl(url)).toEqual(place);
});

test.each([
  'http://host',
  'redis://',
  'redis://a:1,b:2',
  'redis://host/x',
  'redis://host:port',
  'redis+cluster://a/0',
  'redis+cluster://a?x=1',
  'rediss+sentinel://a',
  'redis://:p@ss@host',
  'redis://:50%@host',
  'redis://:a/b@host',
  '',
])('"%s" is none, and is told the forms that are', (url) => {
  expect(() => readRedisUrl(url)).toThrow(RangeError);
  expect(() => readRedisUrl(url)).toThrow(
    /^expected (no database .*: )?redis:\/\/\[user:password@\]host:port/,
  );
});

test('a database of a Cluster is refused in words', () => {
  expect(() => readRedisUrl('redis+cluster://a:1,b:2/3')).toThrow('expected no database');
});

test('a URL that names no database is that of database 0', () => {
  const urls = [
    'redis://localhost',
    'redis://localhost/',
    'redis://localhost/7',
    'redis+sentinel://a/main/3',
  ];
  expect([...urls, 'redis+cluster://a,b'].map(databaseOf)).toEqual([0, 0, 7, 3, 0]);
});

test.each([
  ['redis://:50%@host', '%', '%25'],
  ['redis://me:%zz@host', '%', '%25'],
  ['redis://:a%FFb@host', '%', '%25'],
  ['rediss://:a/b@host:1/2', '/', '%2F'],
  ['redis+sentinel://me:p@ss@a:1,b/main', '@', '%40'],
  ['redis+cluster://:a#b@a:1,b:2', '#', '%23'],
])('%s holds %s, which is to be written %s', (url, raw, encoded) => {
  expect(findRawCharacter(url)).toContain(`holds ${raw}, which must be percent-encoded: ${encoded}`);
});

test.each(['redis://:p%40s%25s@host', 'redis://host/x/y'])(
  '%s has no such character in its user or password',
  (url) => {
    expect(findRawCharacter(url)).toBeNull();
  },
);
