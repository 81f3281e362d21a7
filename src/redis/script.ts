/**
 * Lua scripts whose keys and arguments have names. One table of names makes both the locals that the script begins with and
 * the call, so that the two can't drift apart: a name that the call leaves out is a type error, one that the table lacks is
 * refused by Redis (a script may read no unknown global), and one that the script never uses is refused here.
 */
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/**
 * @param module the import.meta.url of a module that lies beside a folder `scripts`
 * @returns a function that reads a script of that folder by its name
 */
export function luaBeside(module: string): (name: string) => string {
  return (name) => readFileSync(new URL(`./scripts/${name}.lua`, module), 'utf8');
}

interface ScriptParts<Key extends string, Arg extends string> {
  /** The command that is defined on clients. */
  readonly name: string;
  /** Names of the keys, as the script uses them. Further keys are in KEYS from MORE_KEYS on. */
  readonly keys: readonly Key[];
  /** Names of the arguments. Further arguments are in ARGV from MORE on. */
  readonly args: readonly Arg[];
  readonly lua: string;
}

type Value = string | number;
type Scripted = Readonly<Record<string, (...values: readonly Value[]) => Promise<unknown>>>;

export class Script<const Key extends string, const Arg extends string> {
  readonly #parts: ScriptParts<Key, Arg>;
  readonly #lua: string;

  /** @throws TypeError for a name that the script does not use */
  constructor(parts: ScriptParts<Key, Arg>) {
    this.#parts = parts;
    const { keys, args, lua, name } = parts;
    const code = lua.replaceAll(/--.*$/gm, '');
    const unused = [...keys, ...args].filter((word) => !new RegExp(`\\b${word}\\b`).test(code));
    if (unused.length > 0) {
      throw new TypeError(`${name}: expected a script that uses every name, none uses ${unused.join(', ')}`);
    }
    const head = [
      localsOf(keys, 'KEYS'),
      localsOf(args, 'ARGV'),
      `local MORE_KEYS, MORE = ${keys.length + 1}, ${args.length + 1}`,
    ];
    // On one line, so that the line numbers in messages from Redis are those of the file.
    this.#lua = `${head.join(' ')} ${lua}`;
  }

  /**
   * Runs the script, by its hash.
   * @param more arguments after those with names
   * @param moreKeys keys after those with names
   * @returns what the script answers, which its caller knows
   */
  run<Answer>(
    redis: Redis,
    keys: Readonly<Record<Key, string>>,
    args: Readonly<Record<Arg, Value>>,
    more: readonly Value[] = [],
    moreKeys: readonly string[] = [],
  ): Promise<Answer> {
    const { name, keys: keyNames, args: argNames } = this.#parts;
    if (!(name in redis)) redis.defineCommand(name, { lua: this.#lua });
    // One list, made at once: an append is a hot path.
    const values: Value[] = [keyNames.length + moreKeys.length];
    for (const key of keyNames) values.push(keys[key]);
    for (const key of moreKeys) values.push(key);
    for (const arg of argNames) values.push(args[arg]);
    for (const value of more) values.push(value);
    // defineCommand adds the method at run time.
    return (redis as unknown as Scripted)[name]?.(...values) as Promise<Answer>;
  }
}

function localsOf(names: readonly string[], list: 'KEYS' | 'ARGV'): string {
  return names.length === 0 ? '' : `local ${names.join(', ')} = unpack(${list}, 1, ${names.length})`;
}
