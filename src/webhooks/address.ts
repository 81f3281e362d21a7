/**
 * Where webhooks may go. Their addresses come from users, and the server may reach what users cannot: its own ports, the
 * private network, the cloud's metadata. So a name is resolved once per attempt, all of its addresses are checked, and the
 * connection is made to one of those addresses and no other.
 */
import { lookup as lookupByHosts, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { badInput } from '../core/errors.ts';

const MAX_URL_CHARS = 2_000;

/** Ranges allowed only where private addresses are. Link-local addresses (169.254.169.254) and all other ranges never are. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
]);

export interface AddressPolicy {
  /** Whether webhooks may go to loopback and private addresses, and without TLS (PLAYHEAD_WEBHOOK_PRIVATE). */
  readonly allowsPrivate: boolean;
}

/** Whether a webhook may go to an IP address: it must be public, unless the policy allows private ones. */
export function isAllowedAddress(address: string, { allowsPrivate }: AddressPolicy): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` recognises an IPv4 address mapped to IPv6.
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (allowsPrivate && PRIVATE_RANGES.has(range)) return true;
  if (range !== 'unicast') return false;
  // Everything that IANA has allocated. Without this check, ::127.0.0.1 would pass.
  return parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_IPV6);
}

const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Parses and checks the address of a webhook, as far as possible without resolving its name.
 * @throws PlayheadError BAD_USER_INPUT
 */
export function parseWebhookUrl(text: string, field: string, policy: AddressPolicy): URL {
  const expected = policy.allowsPrivate
    ? `an http:// or https:// URL of at most ${MAX_URL_CHARS} characters, without credentials or #, not link-local or reserved`
    : `an https:// URL with a public address (private ones need PLAYHEAD_WEBHOOK_PRIVATE), of at most ${MAX_URL_CHARS} characters, without credentials or #`;
  const url = URL.parse(text);
  if (url === null || text.length > MAX_URL_CHARS || !isAllowedUrl(url, policy)) {
    throw badInput(field, expected, text);
  }
  return url;
}

function isAllowedUrl(url: URL, policy: AddressPolicy): boolean {
  const { hash, password, port, protocol, username } = url;
  if (username + password + hash !== '' || port === '0') return false;
  if (protocol !== 'https:' && !(policy.allowsPrivate && protocol === 'http:')) return false;
  const host = hostOf(url);
  if (isIP(host) !== 0) return isAllowedAddress(host, policy);
  return policy.allowsPrivate || !isLocalName(host);
}

/** A URL's host without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function isLocalName(host: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(host);
}

/** Resolves a name to its addresses. @throws Error when it has none */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** How long a name server may take, and how often it is tried. */
const DNS_LIMITS = { timeout: 2_000, tries: 2 };

/**
 * Queries DNS, then the system's other sources (a hosts file, search domains) for names that DNS does not know. The system does
 * not come first, because it blocks one of the process's few threads for as long as a name server is silent.
 */
export const resolveBySystem: Resolve = async (host) => {
  if (isLocalName(host)) return askSystem(host);
  const resolver = new Resolver(DNS_LIMITS);
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length > 0) return found;
  const silent = answers.find((answer) => answer.status === 'rejected' && !isUnknownName(answer.reason));
  if (silent?.status === 'rejected') throw silent.reason;
  return askSystem(host);
};

async function askSystem(host: string): Promise<readonly string[]> {
  const entries = await lookupByHosts(host, { all: true });
  return entries.map(({ address }) => address);
}

function isUnknownName(error: unknown): boolean {
  return error instanceof Error && ['ENOTFOUND', 'ENODATA'].includes(String(Reflect.get(error, 'code')));
}

/**
 * Returns the addresses that a connection to a host may use.
 * @throws Error that tells the webhook's owner why there are none
 */
export async function addressesOf(
  host: string,
  policy: AddressPolicy,
  resolve: Resolve = resolveBySystem,
): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const refused = addresses.find((address) => !isAllowedAddress(address, policy));
  // A single refused address rules out the name: an honest one has no private address beside a public one.
  if (refused !== undefined) throw new Error(`expected a public address, ${host} has ${refused}`);
  if (addresses.length === 0) throw new Error(`expected ${host} to have an address`);
  return addresses;
}
