/**
 * `npm run playhead -- keys …`: API keys, for the server's operator. It talks to Redis directly, with the server's own
 * settings, since the first key cannot be requested with a key; so it runs where the server does.
 */
import { parseArgs } from 'node:util';
import { type ApiKeyRecord, CredentialStore } from '../auth/credential-store.ts';
import { readGrantClaims } from '../auth/grant-claims.ts';
import { credentialOfViewerToken } from '../auth/viewer-token.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { isMain } from '../core/is-main.ts';
import { type Printed, runOperator, UsageError } from './operator.ts';

const USAGE = `Makes, lists and revokes API keys, where the server runs and with its settings.

  keys create --project P [--project Q] --scope read|report|write [--days N] [--name TEXT] [--json]
  keys create --all-projects --scope admin [--days N] [--name TEXT]
  keys list [--json]        one line for each; --json: one JSON object
  keys revoke ID            ends what runs under the key within a second
  keys revoke-token JTI     the same for one JSON Web Token, by its claim jti
  keys revoke-token LINK    the same for a share link of the dashboard, or a token of createViewerToken
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
): Promise<Printed> {
  const [command, ...words] = argv;
  switch (command) {
    case 'create':
      return create(store, clock, words);
    case 'list':
      return { out: await list(store, clock, words) };
    case 'revoke':
      if (await store.revokeKey(oneWord(words, 'an id, as shown by keys list'))) return REVOKED;
      throw new UsageError('there is no key with this id');
    case 'revoke-token':
      return revokeToken(store, oneWord(words, 'the claim jti of the token, a share link or its token'));
    default:
      throw new UsageError(command === undefined ? 'a command is missing' : `there is no command ${command}`);
  }
}

async function revokeToken(store: CredentialStore, word: string): Promise<Printed> {
  const token = word.split('#share=').at(-1) ?? word;
  await store.revokeToken(credentialOfViewerToken(token) ?? `jwt:${token}`, null);
  return REVOKED;
}

async function create(store: CredentialStore, clock: Clock, words: readonly string[]): Promise<Printed> {
  const { values } = parse(words);
  const grant = readGrantClaims({
    projects: values['all-projects'] === true ? '*' : values.project,
    scope: values.scope,
  });
  if (grant === null) {
    throw new UsageError(
      'expected --project and --scope read, report or write, or --all-projects --scope admin',
    );
  }
  const days = values.days === undefined ? null : Number(values.days);
  if (days !== null && !(days > 0 && days <= 36_500)) throw new UsageError('--days: expected 1 to 36500');
  const expiresAt = days === null ? null : clock.now() + days * DAY_MS;
  const { id, text } = await store.createKey({ ...grant, name: values.name ?? '', expiresAt });
  if (values.json === true) return { out: `${JSON.stringify({ id, key: text, ...grant, expiresAt })}\n` };
  // On its own, so that a script can capture it: KEY=$(playhead keys create …).
  const note = `Its id is ${id}. The key is shown only once. Send it as: Authorization: Bearer KEY\n`;
  return { out: `${text}\n`, note };
}

async function list(store: CredentialStore, clock: Clock, words: readonly string[]): Promise<string> {
  const { values } = parse(words);
  const records = await store.listKeys();
  const line = (record: ApiKeyRecord): string =>
    values.json === true ? `${JSON.stringify(record)}\n` : describe(record, clock.now());
  return records.map(line).join('');
}

const REVOKED: Printed = { out: 'revoked\n' };

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
        json: { type: 'boolean' },
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

if (isMain(import.meta)) process.exitCode = await main(process.argv.slice(2));
