/** JSON Web Tokens of your own login: checked against a shared secret (HS256 …) or the public keys of a JWKS URL. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

/** How tokens of your own are checked. */
export interface TokenSettings {
  /** A secret that the issuer shares with this server, or the URL of its public keys. */
  readonly key: { readonly secret: Secret } | { readonly jwksUrl: string };
  /** For example HS256, or RS256 and ES256; never one of both kinds. */
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
}

/** How long to wait for the issuer's keys. */
const JWKS_TIMEOUT_MS = 3_000;

/** The error for a faulty token. It never says which part is wrong, so that nobody can probe for it. */
export function unauthenticated(message: string, cause?: unknown): PlayheadError {
  return new PlayheadError('UNAUTHENTICATED', message, { cause });
}

export class TokenIssuer {
  readonly #settings: TokenSettings;
  readonly #key: Uint8Array | JWTVerifyGetKey;
  readonly #clock: Clock;

  constructor(settings: TokenSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#key =
      'secret' in settings.key
        ? new TextEncoder().encode(settings.key.secret.reveal())
        : createRemoteJWKSet(new URL(settings.key.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  }

  /**
   * Checks signature, algorithm, issuer, audience, `exp` and `nbf`.
   * @throws PlayheadError UNAUTHENTICATED, or UNAVAILABLE when the issuer's keys can't be fetched
   */
  async verify(token: string): Promise<JWTPayload> {
    const { algorithms, issuer, audience } = this.#settings;
    const options = {
      algorithms: [...algorithms],
      issuer,
      audience,
      requiredClaims: ['exp'],
      currentDate: new Date(this.#clock.now()),
    };
    try {
      // Two overloads of one function: a key, or where to get it.
      const { payload } =
        typeof this.#key === 'function'
          ? await jwtVerify(token, this.#key, options)
          : await jwtVerify(token, this.#key, options);
      return payload;
    } catch (error) {
      throw explain(error);
    }
  }
}

function explain(error: unknown): PlayheadError {
  if (error instanceof errors.JWTExpired) return unauthenticated('The token has expired', error);
  const isToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
  // A wrong answer from the issuer is a JOSEError without a code of its own.
  if (isToken && error.code !== 'ERR_JOSE_GENERIC') return unauthenticated('The token is not valid', error);
  return new PlayheadError('UNAVAILABLE', 'The keys of the token’s issuer could not be fetched', {
    cause: error,
  });
}
