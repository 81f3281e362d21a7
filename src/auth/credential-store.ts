/**
 * API keys and revocations in Redis, where all servers see them. A key's secret is stored only as a SHA-256 hash. Nothing is
 * cached: a revoked credential is refused at the next request; live connections follow within a second (sessions.ts).
 */

import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import { isSame } from '../core/secret.ts';
import { wrongTypeOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { type ApiKeyParts, formatApiKey, newApiKey } from './api-key.ts';
import { readGrantClaims } from './grant-claims.ts';
import { digest } from './signing.ts';
import { type Grant, hasExpired } from './viewer.ts';

/** An API key without its secret. */
export interface ApiKeyRecord extends Grant {
  readonly id: string;
  /** What it is for, in the operator's words; may be empty. */
  readonly name: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface NewApiKey extends Grant {
  readonly name: string;
}

/** A revoked token without an end of its own is remembered for this long. */
const REMEMBERED_MS = 366 * 24 * 3_600_000;

/** Credentials are forgotten this long after they expired: by then none is valid anywhere, whatever a machine's clock says. */
const FORGET_AFTER_MS = 24 * 3_600_000;

/**
 * One step, so that no credential is refused while its sessions go on because nobody was told to look.
 * KEYS: revoked, revision. ARGV: the credential, when it would expire, and the time up to which others are forgotten.
 */
const REVOKE = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return redis.call('INCR', KEYS[2])
`;

/** The name of an API key among credentials. */
export function keyCredential(id: string): string {
  return `key:${id}`;
}

export class CredentialStore {
  readonly #redis: Redis;
  readonly #keys: Keys['auth'];
  readonly #clock: Clock;

  constructor(redis: Redis, keys: Keys, clock: Clock) {
    this.#redis = redis;
    this.#keys = keys.auth;
    this.#clock = clock;
  }

  /** Makes an API key. @returns its text, which is shown this once */
  async createKey({ name, projects, scope, expiresAt }: NewApiKey): Promise<{ id: string; text: string }> {
    const parts = newApiKey();
    // It is listed first: a key that nobody can find and revoke must not let anybody in.
    await this.#redis.sadd(this.#keys.keys, parts.id);
    await this.#redis.hset(this.#keys.key(parts.id), {
      hash: digest(parts.secret),
      name,
      projects: JSON.stringify(projects),
      scope,
      createdAt: this.#clock.now(),
      expiresAt: expiresAt ?? '',
    });
    return { id: parts.id, text: formatApiKey(parts) };
  }

  /** The key that a secret belongs to; null when unknown, expired or revoked. */
  async findKey({ id, secret }: ApiKeyParts): Promise<ApiKeyRecord | null> {
    const [fields, isRevoked] = await Promise.all([
      this.#redis.hgetall(this.#keys.key(id)),
      this.#isRevoked(keyCredential(id)),
    ]);
    // Compared even if there is no such key, so that both cases take the same time.
    const same = isSame(digest(secret), fields['hash'] ?? '');
    const record = toRecord(id, fields);
    return same && !isRevoked && record !== null && this.#isAlive(record) ? record : null;
  }

  /** All keys, revoked ones too, oldest first. */
  async listKeys(): Promise<ApiKeyRecord[]> {
    const ids = await this.#redis.smembers(this.#keys.keys);
    const records = await Promise.all(ids.map((id) => this.#load(id)));
    return records.filter((record) => record !== null).sort((one, other) => one.createdAt - other.createdAt);
  }

  /** Revokes a key, and every token that was made with it. @returns false when there is no such key */
  async revokeKey(id: string): Promise<boolean> {
    if ((await this.#load(id)) === null) return false;
    await this.#revoke(keyCredential(id), '+inf');
    // Only for the list.
    await this.#redis.hsetnx(this.#keys.key(id), 'revokedAt', this.#clock.now());
    return true;
  }

  /**
   * Revokes one token.
   * @param credential `jwt:JTI` of a token of your own, `viewer:JTI` of one for a browser
   * @param expiresAt when it would expire by itself; null: unknown
   */
  async revokeToken(credential: string, expiresAt: number | null): Promise<void> {
    await this.#revoke(credential, expiresAt ?? this.#clock.now() + REMEMBERED_MS);
  }

  /**
   * Whether a credential is still valid: a key that exists and has not expired or been revoked; a token that has not been
   * revoked.
   */
  async isAlive(credential: string): Promise<boolean> {
    if (!credential.startsWith('key:')) return !(await this.#isRevoked(credential));
    const [record, isRevoked] = await Promise.all([
      this.#load(credential.slice('key:'.length)),
      this.#isRevoked(credential),
    ]);
    return record !== null && !isRevoked && this.#isAlive(record);
  }

  /** Changes with every revocation. */
  async revision(): Promise<string> {
    return (await this.#redis.get(this.#keys.revision)) ?? '';
  }

  async #revoke(credential: string, runsOutAt: number | '+inf'): Promise<void> {
    const { revoked, revision } = this.#keys;
    const before = this.#clock.now() - FORGET_AFTER_MS;
    await this.#redis.eval(REVOKE, 2, revoked, revision, credential, runsOutAt, before);
  }

  async #isRevoked(credential: string): Promise<boolean> {
    return (await this.#redis.zscore(this.#keys.revoked, credential)) !== null;
  }

  #isAlive(record: ApiKeyRecord): boolean {
    return record.revokedAt === null && !hasExpired(record, this.#clock.now());
  }

  async #load(id: string): Promise<ApiKeyRecord | null> {
    return toRecord(id, await this.#fields(id));
  }

  /** Empty if there is no such key, or something else is in its place. */
  async #fields(id: string): Promise<Record<string, string>> {
    return this.#redis.hgetall(this.#keys.key(id)).catch((error: unknown) => {
      if (wrongTypeOf(error) === null) throw error;
      return {};
    });
  }
}

function toRecord(id: string, fields: Readonly<Record<string, string>>): ApiKeyRecord | null {
  const { name = '', projects = 'null', scope, createdAt, expiresAt, revokedAt } = fields;
  if (createdAt === undefined) return null;
  const grant = readGrant(projects, scope);
  if (grant === null) return null;
  return {
    id,
    name,
    ...grant,
    createdAt: Number(createdAt),
    expiresAt: expiresAt === undefined || expiresAt === '' ? null : Number(expiresAt),
    revokedAt: revokedAt === undefined ? null : Number(revokedAt),
  };
}

/** Null for what can't be read: such a key lets nobody in, and disturbs nothing else. */
function readGrant(projects: string, scope: string | undefined): ReturnType<typeof readGrantClaims> {
  try {
    return readGrantClaims({ projects: JSON.parse(projects), scope });
  } catch {
    return null;
  }
}
