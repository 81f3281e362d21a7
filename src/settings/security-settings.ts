/** The settings of who may do what, and how much: one part of the settings table, and how it is read. */
import { isIP } from 'node:net';
import { z } from 'zod';
import type { TokenSettings } from '../auth/token-issuer.ts';
import type { Secret } from '../core/secret.ts';
import { origins } from './origin-setting.ts';
import { onOrOff, type Setting, secretText, wholeNumber } from './setting.ts';

const SYMMETRIC = ['HS256', 'HS384', 'HS512'] as const;
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

const algorithms = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum([...SYMMETRIC, ...ASYMMETRIC])).min(1))
  .optional();

const COUNT = 'a whole number from 1 to 1000000';
const count = <Default extends number | undefined>(byDefault: Default) =>
  wholeNumber(1, 1_000_000, byDefault);

export const SECURITY_SETTINGS = {
  PLAYHEAD_SECRETS_FILE: {
    schema: z.string().min(1).optional(),
    expected: 'the path of a file with lines NAME=value that only its owner and group can read',
    default: '—',
    meaning:
      'File from which secret settings (…_SECRET, …_KEY, …_TOKEN, REDIS_URL) are read. Environment variables take precedence.',
  },
  PLAYHEAD_AUTH_SECRET: {
    schema: secretText(32),
    expected: '32 or more printable ASCII characters without spaces',
    default: '—',
    meaning:
      'Turns authentication on; signs links to files and tokens for browsers. Must be the same for all API processes. Create one with `openssl rand -base64 32`.',
    secret: true,
  },
  PLAYHEAD_JWT_SECRET: {
    schema: secretText(32),
    expected: '32 or more printable ASCII characters without spaces',
    default: '—',
    meaning:
      'Secret with which your login signs its tokens (HS256). If this and PLAYHEAD_JWT_JWKS_URL are unset, only API keys are accepted.',
    secret: true,
  },
  PLAYHEAD_JWT_JWKS_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    expected: 'an http:// or https:// URL',
    default: '—',
    meaning: 'Address at which your login publishes the public keys of its tokens, instead of a secret.',
  },
  PLAYHEAD_JWT_ALGORITHMS: {
    schema: algorithms,
    expected: `with a secret some of ${SYMMETRIC.join(', ')}; with a JWKS URL some of ${ASYMMETRIC.join(', ')}`,
    default: '—',
    meaning: 'Algorithms with which tokens may be signed. Unset: HS256; with a JWKS URL, RS256 and ES256.',
  },
  PLAYHEAD_JWT_ISSUER: {
    schema: z.string().min(1).optional(),
    expected: 'text, usually a URL',
    default: '—',
    meaning: 'Required value of the claim `iss` in your tokens.',
  },
  PLAYHEAD_JWT_AUDIENCE: {
    schema: z.string().min(1).optional(),
    expected: 'text',
    default: '—',
    meaning: 'Value that the claim `aud` of your tokens must equal or contain.',
  },
  PLAYHEAD_VIEWER_TOKEN_MINUTES: {
    schema: wholeNumber(1, 1_440, 15),
    expected: 'a whole number of minutes from 1 to 1440',
    default: '15',
    meaning: 'Lifetime of a token made by createViewerToken.',
  },
  PLAYHEAD_LINK_MINUTES: {
    schema: wholeNumber(1, 10_080, 60),
    expected: 'a whole number of minutes from 1 to 10080',
    default: '60',
    meaning: 'Minimum lifetime of a signed link to a file; the maximum is twice as long.',
  },
  PLAYHEAD_ORIGINS: {
    schema: origins,
    expected:
      'origins such as https://app.example, https://*.app.example (one label) or capacitor://localhost, separated by commas',
    default: '—',
    meaning:
      'Other origins whose pages may use the API from a browser (CORS, WebSocket). Unset: none; with authentication off, those of this machine, such as http://localhost:5173.',
  },
  PLAYHEAD_WEBHOOK_PRIVATE: {
    schema: onOrOff.transform((isOn) => isOn ?? false),
    expected: 'on or off',
    default: 'off',
    meaning:
      'Whether webhooks may go to loopback and private addresses (127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, ::1, fc00::/7), and without TLS. Link-local addresses are never allowed. Must be the same for the API and the workers.',
  },
  PLAYHEAD_TRUSTED_PROXIES: {
    schema: wholeNumber(0, 10, 0),
    expected: 'a whole number from 0 to 10',
    default: '0',
    meaning:
      'Number of proxies in front of the server that append to X-Forwarded-For. A client’s address is read that many places from the end of the header.',
  },
  PLAYHEAD_GRAPHIQL: {
    schema: onOrOff,
    expected: 'on or off',
    default: '—',
    meaning: 'Whether GraphiQL is served at /graphql. Unset: on only if authentication is off.',
  },
  PLAYHEAD_INTROSPECTION: {
    schema: onOrOff,
    expected: 'on or off',
    default: '—',
    meaning: 'Whether clients may query the schema. Unset: on only if authentication is off.',
  },
  PLAYHEAD_MAX_BODY_KB: {
    schema: wholeNumber(1, 65_536, 1_024),
    expected: 'a whole number of KiB from 1 to 65536',
    default: '1024',
    meaning: 'Maximum size of an HTTP body. A script of 100,000 Korean characters takes about 300.',
  },
  PLAYHEAD_MAX_MESSAGE_KB: {
    schema: wholeNumber(1, 65_536, 64),
    expected: 'a whole number of KiB from 1 to 65536',
    default: '64',
    meaning:
      'Maximum size of a client’s WebSocket message; send longer scripts over HTTP. A message that exceeds it closes the connection with code 1009.',
  },
  PLAYHEAD_MAX_DEPTH: {
    schema: wholeNumber(1, 100, 12),
    expected: 'a whole number from 1 to 100',
    default: '12',
    meaning: 'Maximum nesting of fields in a document.',
  },
  PLAYHEAD_MAX_ALIASES: {
    schema: wholeNumber(0, 1_000, 30),
    expected: 'a whole number from 0 to 1000',
    default: '30',
    meaning: 'Maximum number of aliases in a document.',
  },
  PLAYHEAD_MAX_COST: {
    schema: wholeNumber(100, 100_000_000, 100_000),
    expected: 'a whole number from 100 to 100000000',
    default: '100000',
    meaning:
      'Maximum number of values that an operation may request. Each field counts once; within jobs(first: N) it counts N times, within Job.items 100 times.',
  },
  PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS: {
    schema: count(undefined),
    expected: COUNT,
    default: '200',
    meaning:
      'Maximum number of WebSockets and event streams per address and API process. With authentication off there is no limit unless this is set.',
  },
  PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: {
    schema: count(undefined),
    expected: COUNT,
    default: '100',
    meaning: 'Maximum number of WebSockets and event streams per credential and API process.',
  },
  PLAYHEAD_MAX_SUBSCRIPTIONS: {
    schema: count(undefined),
    expected: COUNT,
    default: '100',
    meaning:
      'Maximum number of concurrent operations on one WebSocket. With authentication off there is no limit unless this is set.',
  },
  PLAYHEAD_MAX_DOCUMENTS_MB: {
    schema: count(undefined),
    expected: 'a whole number of MiB from 1 to 1000000',
    default: '64',
    meaning:
      'Approximate maximum memory, in MiB, for the documents and variables of one credential’s open subscriptions per API process. With authentication off there is no limit unless this is set.',
  },
  PLAYHEAD_MAX_OPERATIONS_PER_SECOND: {
    schema: count(undefined),
    expected: COUNT,
    default: '50',
    meaning:
      'Maximum rate of operations per credential over all API processes; bursts of twice as many are allowed. With authentication off there is no limit unless this is set.',
  },
  PLAYHEAD_MAX_QUEUED_JOBS: {
    schema: count(10_000),
    expected: COUNT,
    default: '10000',
    meaning: 'Maximum number of unfinished jobs per project, items of batches included.',
  },
  PLAYHEAD_MAX_TEXT_CHARS: {
    schema: wholeNumber(1, 100_000, 100_000),
    expected: 'a whole number from 1 to 100000',
    default: '100000',
    meaning: 'Maximum length of a script, text or brief, in characters.',
  },
  PLAYHEAD_MAX_PROJECT_MB: {
    schema: wholeNumber(1, 1_000_000_000, 51_200),
    expected: 'a whole number of MiB from 1 to 1000000000',
    default: '51200',
    meaning:
      'Maximum total size of one project’s stored files. A job that would exceed it fails with QUOTA_EXCEEDED. Must be the same for all processes.',
  },
  PLAYHEAD_MAX_JOB_MB: {
    schema: wholeNumber(1, 1_000_000, 8_192),
    expected: 'a whole number of MiB from 1 to 1000000',
    default: '8192',
    meaning:
      'Maximum total size of one job’s stored files, intermediate ones included. A job that exceeds it fails with QUOTA_EXCEEDED.',
  },
  PLAYHEAD_MAX_FILE_MB: {
    schema: wholeNumber(1, 1_000_000, 4_096),
    expected: 'a whole number of MiB from 1 to 1000000',
    default: '4096',
    meaning:
      'Maximum size of a file that ffmpeg writes for a job. A job that exceeds it fails with QUOTA_EXCEEDED. Needs prlimit (Linux).',
  },
  PLAYHEAD_TOOL_MEMORY_MB: {
    schema: wholeNumber(64, 1_000_000, 4_096),
    expected: 'a whole number of MiB from 64 to 1000000',
    default: '4096',
    meaning: 'Maximum memory of one run of ffmpeg. Needs prlimit (Linux).',
  },
} as const satisfies Record<string, Setting>;

/** What one run of a program may consume. */
export interface ToolLimits {
  /** Bytes of private memory (RLIMIT_DATA); beyond it, the program's allocations fail. */
  readonly memoryBytes: number;
  /** Bytes of any one file that it writes (RLIMIT_FSIZE); beyond it, SIGXFSZ ends the program. */
  readonly fileBytes: number;
}

export interface SecurityConfig {
  /** Null: no authentication, loopback only. */
  readonly auth: { readonly secret: Secret; readonly tokens: TokenSettings | null } | null;
  readonly viewerTokenMs: number;
  readonly linkMs: number;
  readonly origins: readonly string[];
  /** Whether webhooks may go to loopback and private addresses. */
  readonly webhookPrivate: boolean;
  readonly trustedProxies: number;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxCost: number;
  /** Infinity: no limit. */
  readonly maxConnectionsPerAddress: number;
  readonly maxConnectionsPerToken: number;
  readonly maxSubscriptions: number;
  /** The combined limit of one credential’s open subscriptions; Infinity: none. */
  readonly maxDocumentBytes: number;
  readonly maxOperationsPerSecond: number;
  readonly maxQueuedJobs: number;
  readonly maxTextChars: number;
  /** Stored files. */
  readonly maxProjectBytes: number;
  readonly maxJobBytes: number;
  readonly toolLimits: ToolLimits;
}

/** Returns a setting's parsed value; an invalid one is recorded, and undefined. */
export type ReadSetting = <Name extends keyof typeof SECURITY_SETTINGS>(
  name: Name,
) => z.infer<(typeof SECURITY_SETTINGS)[Name]['schema']>;

/** @param problems gets a line for everything that does not fit together */
export function readSecurity(read: ReadSetting, problems: string[]): SecurityConfig {
  const secret = read('PLAYHEAD_AUTH_SECRET');
  const tokens = readTokenSettings(read, problems);
  if (tokens !== null && secret === undefined) {
    problems.push('PLAYHEAD_AUTH_SECRET: expected to be set where PLAYHEAD_JWT_… is');
  }
  const isOpen = secret === undefined;
  const unlessOpen = (limit: number | undefined, byDefault: number): number =>
    limit ?? (isOpen ? Number.POSITIVE_INFINITY : byDefault);
  return {
    auth: secret === undefined ? null : { secret, tokens },
    viewerTokenMs: read('PLAYHEAD_VIEWER_TOKEN_MINUTES') * 60_000,
    linkMs: read('PLAYHEAD_LINK_MINUTES') * 60_000,
    origins: read('PLAYHEAD_ORIGINS'),
    webhookPrivate: read('PLAYHEAD_WEBHOOK_PRIVATE'),
    trustedProxies: read('PLAYHEAD_TRUSTED_PROXIES'),
    graphiql: read('PLAYHEAD_GRAPHIQL') ?? isOpen,
    introspection: read('PLAYHEAD_INTROSPECTION') ?? isOpen,
    maxBodyBytes: read('PLAYHEAD_MAX_BODY_KB') * 1_024,
    maxMessageBytes: read('PLAYHEAD_MAX_MESSAGE_KB') * 1_024,
    maxDepth: read('PLAYHEAD_MAX_DEPTH'),
    maxAliases: read('PLAYHEAD_MAX_ALIASES'),
    maxCost: read('PLAYHEAD_MAX_COST'),
    maxConnectionsPerAddress: unlessOpen(read('PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS'), 200),
    maxConnectionsPerToken: unlessOpen(read('PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN'), 100),
    maxSubscriptions: unlessOpen(read('PLAYHEAD_MAX_SUBSCRIPTIONS'), 100),
    maxDocumentBytes: unlessOpen(read('PLAYHEAD_MAX_DOCUMENTS_MB'), 64) * 1_048_576,
    maxOperationsPerSecond: unlessOpen(read('PLAYHEAD_MAX_OPERATIONS_PER_SECOND'), 50),
    maxQueuedJobs: read('PLAYHEAD_MAX_QUEUED_JOBS'),
    maxTextChars: read('PLAYHEAD_MAX_TEXT_CHARS'),
    maxProjectBytes: read('PLAYHEAD_MAX_PROJECT_MB') * 1_048_576,
    maxJobBytes: read('PLAYHEAD_MAX_JOB_MB') * 1_048_576,
    toolLimits: {
      memoryBytes: read('PLAYHEAD_TOOL_MEMORY_MB') * 1_048_576,
      fileBytes: Math.min(read('PLAYHEAD_MAX_FILE_MB'), read('PLAYHEAD_MAX_JOB_MB')) * 1_048_576,
    },
  };
}

function readTokenSettings(read: ReadSetting, problems: string[]): TokenSettings | null {
  const secret = read('PLAYHEAD_JWT_SECRET');
  const jwksUrl = read('PLAYHEAD_JWT_JWKS_URL');
  const issuer = read('PLAYHEAD_JWT_ISSUER');
  const audience = read('PLAYHEAD_JWT_AUDIENCE');
  const chosen = read('PLAYHEAD_JWT_ALGORITHMS');
  if (secret === undefined && jwksUrl === undefined) return null;
  if (secret !== undefined && jwksUrl !== undefined) {
    problems.push('PLAYHEAD_JWT_SECRET: expected to be unset where PLAYHEAD_JWT_JWKS_URL is set');
  }
  if (issuer === undefined) problems.push('PLAYHEAD_JWT_ISSUER: expected to be set, as tokens are accepted');
  if (audience === undefined)
    problems.push('PLAYHEAD_JWT_AUDIENCE: expected to be set, as tokens are accepted');
  // If a public key were taken for a shared secret, anybody could sign, so the kinds are never mixed.
  const fitting: readonly string[] = secret === undefined ? ASYMMETRIC : SYMMETRIC;
  const unfit = chosen?.find((name) => !fitting.includes(name));
  if (unfit !== undefined) {
    problems.push(`PLAYHEAD_JWT_ALGORITHMS: expected some of ${fitting.join(', ')}, received ${unfit}`);
  }
  return {
    key: secret === undefined ? { jwksUrl: jwksUrl ?? '' } : { secret },
    algorithms: chosen ?? (secret === undefined ? ['RS256', 'ES256'] : ['HS256']),
    issuer: issuer ?? '',
    audience: audience ?? '',
  };
}

/** Whether a host name or address is this machine's own. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
