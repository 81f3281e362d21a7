/**
 * `npm run playhead -- keys …`: API keys, for whoever runs the server. It speaks to Redis itself, with the server's own
 * settings, since the first key can't be asked for with a key; so it runs where the server does.
 */
import { parseArgs } from 'node:util';
import { type ApiKeyRecord, CredentialStore } from '../auth/credential-store.ts';
import { readGrantClaims } from '../auth/grant-claims.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { runOperator, UsageError } from './operator.ts';

const USAGE = `Makes, lists and revokes API keys, where the server runs and with its settings.

  keys create --project P [--project Q] --scope read|write [--days N] [--name TEXT]
  keys create --all-projects --scope admin [--days N] [--name TEXT]
  keys list
  keys revoke ID            ends what runs under the key within a second
  keys revoke-token JTI     the same for one JSON Web Token, by its claim jti
`;

const DAY_MS = 86_400_000;

/**
 * Runs one command.
 * @returns what to print
 * @throws UsageError
 */
export async function runKeys(
  store: CredentialStore,
  clock: Clock,
  argv: readonly string[],
): Promise<string> {
  const [command, ...words] = argv;
  switch (command) {
    case 'create':
      return create(store, clock, words);
    case 'list':
      return (await store.listKeys()).map((record) => describe(record, clock.now())).join('');
    case 'revoke':
      if (await store.revokeKey(oneWord(words, 'an id, as shown by keys list'))) return 'revoked\n';
      throw new UsageError('there is no key with this id');
    case 'revoke-token':
      await store.revokeToken(`jwt:${oneWord(words, 'the claim jti of the token')}`, null);
      return 'revoked\n';
    default:
      throw new UsageError(command === undefined ? 'a command is missing' : `there is no command ${command}`);
  }
}

async function create(store: CredentialStore, clock: Clock, words: readonly string[]): Promise<string> {
  const { values } = parse(words);
  const grant = readGrantClaims({
    projects: values['all-projects'] === true ? '*' : values.project,
    scope: values.scope,
  });
  if (grant === null) {
    throw new UsageError('expected --project and --scope read or write, or --all-projects --scope admin');
  }
  const days = values.days === undefined ? null : Number(values.days);
  if (days !== null && !(days > 0 && days <= 36_500)) throw new UsageError('--days: expected 1 to 36500');
  const expiresAt = days === null ? null : clock.now() + days * DAY_MS;
  const { id, text } = await store.createKey({ ...grant, name: values.name ?? '', expiresAt });
  return `${text}\n\nIts id is ${id}. The key is shown only once. Send it as: Authorization: Bearer ${text}\n`;
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        project: { type: 'string', multiple: true },
        'all-projects': { type: 'boolean' },
        scope: { type: 'string' },
        days: { type: 'string' },
        name: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneWord(words: readonly string[], expected: string): string {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw new UsageError(`expected ${expected}`);
  return word;
}

function describe({ id, name, projects, scope, expiresAt, revokedAt }: ApiKeyRecord, now: number): string {
  const until = expiresAt === null ? 'without expiry' : `until ${new Date(expiresAt).toISOString()}`;
  const standing =
    revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= now ? 'expired' : until;
  const where = projects === '*' ? 'all projects' : projects.join(', ');
  return `${id}  ${scope}  ${where}  ${standing}${name === '' ? '' : `  ${name}`}\n`;
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0) {
    process.stdout.write(USAGE);
    return 2;
  }
  return runOperator(USAGE, argv, (redis, keys) =>
    runKeys(new CredentialStore(redis, keys, systemClock), systemClock, argv),
  );
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
