/** Wires credentials, links and limits for an API process. */
import type { Redis } from 'ioredis';
import { Authentication } from '../auth/authentication.ts';
import { CredentialStore } from '../auth/credential-store.ts';
import { FileLinks } from '../auth/file-links.ts';
import { RateLimit } from '../auth/rate-limit.ts';
import { Sessions } from '../auth/sessions.ts';
import { randomSecret } from '../auth/signing.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Keys } from '../redis/keys.ts';
import type { SchemaContext, ServerContext } from '../schema/context.ts';
import { guardContext } from '../schema/guarded-context.ts';
import type { Config } from '../settings/config.ts';
import { Gate } from './gate.ts';

export interface Security {
  readonly gate: Gate;
  readonly links: FileLinks;
  /** Whether credentials are required and links are signed. */
  readonly isOn: boolean;
  /** Returns the context for each viewer, made once. */
  contextFor(server: ServerContext): (viewer: Viewer | undefined) => SchemaContext;
  close(): void;
}

interface SecurityParts {
  readonly config: Config;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createSecurity({ config, redis, keys, clock, logger }: SecurityParts): Security {
  const { security, host, publicUrl } = config;
  const store = new CredentialStore(redis, keys, clock);
  // Without authentication, tokens for browsers are still made, so that a frontend need not know; nobody checks them.
  const secret = security.auth?.secret ?? randomSecret();
  const authentication = new Authentication({
    store: security.auth === null ? null : store,
    secret,
    tokens: security.auth?.tokens ?? null,
    viewerTokenMs: security.viewerTokenMs,
    clock,
  });
  const sessions = new Sessions(store, clock, logger);
  const links = new FileLinks(secret, security.linkMs, clock);
  const rate = new RateLimit(redis, keys, security.maxOperationsPerSecond);
  return {
    gate: new Gate({ security, host, publicUrl, authentication, sessions, rate, links, logger }),
    links,
    isOn: authentication.isOn,
    contextFor: (server) => {
      const known = new WeakMap<Viewer, SchemaContext>();
      return (viewer) => {
        if (viewer === undefined) throw new TypeError('viewer: expected every operation to have one');
        const context =
          known.get(viewer) ?? guardContext(server, viewer, (...args) => authentication.delegate(...args));
        known.set(viewer, context);
        return context;
      };
    },
    close: () => sessions.close(),
  };
}
