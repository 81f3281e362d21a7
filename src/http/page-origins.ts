/** Decides which pages may use the API from a browser, by their origin. */
import type { Logger } from '../core/logger.ts';
import { isLoopback } from '../settings/security-settings.ts';

/** How many refused origins are remembered, so that each is logged once. */
const MAX_REMEMBERED = 200;
const LOGGED_CHARS = 200;

interface PageOriginParts {
  /** The entries of PLAYHEAD_ORIGINS; `*` in a host name's first label stands for any one label. */
  readonly listed: readonly string[];
  readonly publicUrl: string | undefined;
  /** Whether this machine's pages are allowed, as they are without authentication. */
  readonly loopback: boolean;
  readonly logger: Logger;
}

export class PageOrigins {
  readonly #exact: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];
  readonly #loopback: boolean;
  readonly #logger: Logger;
  readonly #refused = new Set<string>();

  constructor({ listed, publicUrl, loopback, logger }: PageOriginParts) {
    const own = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
    this.#exact = new Set([...listed, ...own]);
    this.#patterns = listed.filter((origin) => origin.includes('*')).map(patternOf);
    this.#loopback = loopback;
    this.#logger = logger;
  }

  /** Whether a page of an origin other than the API's may use it. */
  allows(origin: string): boolean {
    if (this.#exact.has(origin) || this.#patterns.some((pattern) => pattern.test(origin))) return true;
    // Without authentication, this is somebody's own machine, and so is a page that it serves, such as that of vite.
    return this.#loopback && isLoopbackOrigin(origin);
  }

  /** Logs a refused origin with the setting that would allow it; each origin once, up to MAX_REMEMBERED. */
  noteRefused(origin: string): void {
    if (this.#refused.has(origin) || this.#refused.size >= MAX_REMEMBERED) return;
    this.#refused.add(origin);
    this.#logger.warn(
      { origin: origin.slice(0, LOGGED_CHARS) },
      'refused a page of another origin; to allow it, list its origin in PLAYHEAD_ORIGINS (or, if it is this server’s own page behind a proxy, set PLAYHEAD_PUBLIC_URL)',
    );
  }
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const hostname = new URL(origin).hostname.replace(/^\[|\]$/g, '');
  // Browsers resolve names below localhost to this machine themselves, so nobody else can serve such a page.
  return isLoopback(hostname) || hostname.endsWith('.localhost');
}

function patternOf(origin: string): RegExp {
  const [before = '', after = ''] = origin.split('*').map((part) => part.replaceAll('.', String.raw`\.`));
  return new RegExp(`^${before}[a-z0-9-]+${after}$`);
}
