/** Starts a real API server with authentication, and makes every kind of credential for it. */
import { request } from 'node:http';
import { SignJWT } from 'jose';
import { inject, onTestFinished } from 'vitest';
import { CredentialStore, type NewApiKey } from '../../src/auth/credential-store.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys, type Keys } from '../../src/redis/keys.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { unique } from '../setup/harness.ts';

export const AUTH_SECRET = 'a-secret-of-the-server-that-is-long-enough';
export const JWT_SECRET = 'a-secret-of-the-login-that-is-long-enough';
export const ISSUER = 'https://login.test';
export const AUDIENCE = 'playhead';
export const JWT_SETTINGS = {
  PLAYHEAD_JWT_SECRET: JWT_SECRET,
  PLAYHEAD_JWT_ISSUER: ISSUER,
  PLAYHEAD_JWT_AUDIENCE: AUDIENCE,
};

export interface SecuredServer {
  readonly server: RunningServer;
  readonly url: string;
  /** Of all its keys in Redis. */
  readonly prefix: string;
  readonly store: CredentialStore;
  readonly keys: Keys;
  readonly clock: Clock;
  /** The text of a new API key. */
  key(grant?: Partial<NewApiKey>): Promise<string>;
  /** Sends a GraphQL request. */
  post(query: string, options?: PostOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface PostOptions {
  readonly credential?: string | undefined;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

interface SecuredOptions {
  readonly env?: Record<string, string>;
  /** Lower than the setting can be: whoever has asked once is refused for as long as a slow test takes. */
  readonly operationsPerSecond?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Ended by the caller instead of by the test. */
  readonly keep?: boolean;
}

/** With authentication and tokens of a login; `env` changes or adds settings. */
export async function startSecured(options: SecuredOptions = {}): Promise<SecuredServer> {
  const { clock = systemClock, logger = silentLogger } = options;
  const prefix = unique('secure');
  const redisUrl = inject('redisUrl');
  const read = readConfig({
    PORT: '0',
    PLAYHEAD_PREFIX: prefix,
    PLAYHEAD_AUTH_SECRET: AUTH_SECRET,
    ...JWT_SETTINGS,
    ...options.env,
  });
  const maxOperationsPerSecond = options.operationsPerSecond ?? read.security.maxOperationsPerSecond;
  const config = { ...read, security: { ...read.security, maxOperationsPerSecond } };
  const server = await startServer({ config, redisUrl, logger, clock });
  const redis = connectRedis(redisUrl, () => {});
  const keys = createKeys(prefix);
  const store = new CredentialStore(redis, keys, clock);
  const close = async (): Promise<void> => {
    await server.close();
    await closeRedis(redis);
  };
  if (options.keep !== true) onTestFinished(close);
  const url = `http://127.0.0.1:${server.port}`;
  return {
    server,
    url,
    prefix,
    store,
    keys,
    clock,
    close,
    key: async (grant = {}) => (await store.createKey({ ...READ_A, ...grant })).text,
    post: (query, { credential, variables, headers } = {}) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      }),
  };
}

const READ_A: NewApiKey = { name: 'test', projects: ['a'], scope: 'read', expiresAt: null };

/** A token of the login. */
export function makeJwt(
  claims: Record<string, unknown> = {},
  { secret = JWT_SECRET, expires = '10m' }: { secret?: string; expires?: string | number | null } = {},
): Promise<string> {
  const token = new SignJWT({ iss: ISSUER, aud: AUDIENCE, projects: ['a'], scope: 'read', ...claims });
  token.setProtectedHeader({ alg: 'HS256' });
  if (expires !== null) token.setExpirationTime(expires);
  return token.sign(new TextEncoder().encode(secret));
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; extensions: { code: string; retryAfterSeconds?: number } }[];
}

export async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** The value of a root field, for answers that must have one. */
export async function fieldOf<T>(response: Response, name: string): Promise<T> {
  const { data, errors } = await answerOf(response);
  const value = data?.[name];
  if (value == null) throw new Error(`${name}: expected a value, received ${JSON.stringify(errors)}`);
  return value as T;
}

/** fetch keeps some headers to itself. */
export function send(
  secured: SecuredServer,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${secured.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (piece) => {
        text += String(piece);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
