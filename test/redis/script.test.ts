/** Scripts whose keys and arguments have names: what is missing, superfluous or misspelt is said, not taken for something else. */
import { expect, test } from 'vitest';
import { Script } from '../../src/redis/script.ts';
import { connect, unique } from '../setup/harness.ts';

test('a script gets its keys and arguments by their names, and what comes behind them', async () => {
  const redis = connect();
  const script = new Script({
    name: unique('command'),
    keys: ['firstKey', 'secondKey'],
    args: ['value', 'times'],
    lua: "redis.call('SET', secondKey, value .. firstKey) return { redis.call('GET', secondKey), times, KEYS[MORE_KEYS], unpack(ARGV, MORE) }",
  });
  const keys = { secondKey: unique('second'), firstKey: unique('first') };
  const answer = await script.run(redis, keys, { times: 2, value: 'a' }, ['more', 3], ['third']);
  expect(answer).toEqual([`a${keys.firstKey}`, '2', 'third', 'more', '3']);
});

test('a script without arguments runs', async () => {
  const script = new Script({ name: unique('command'), keys: [], args: [], lua: 'return MORE' });
  expect(await script.run(connect(), {}, {})).toBe(1);
});

test('a name that the script reads and the table has not is refused by Redis', async () => {
  const script = new Script({
    name: unique('command'),
    keys: ['aKey'],
    args: [],
    lua: 'return { aKey, valeu }',
  });
  await expect(script.run(connect(), { aKey: 'a' }, {})).rejects.toThrow(/valeu/);
});

test('a name that the script does not use is refused at once, also when a comment tells of it', () => {
  const lua = '-- Takes value.\nreturn aKey';
  expect(() => new Script({ name: 'command', keys: ['aKey'], args: ['value'], lua })).toThrow(
    'command: expected a script that uses every name, none uses value',
  );
});
