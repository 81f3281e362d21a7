/** The oldest Node that runs a user's TypeScript directly, without a flag. */
export const OLDEST_NODE = '22.18';

/** @param version as in process.versions.node @returns what is wrong with it and what to do; null if nothing */
export function nodeFault(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = OLDEST_NODE.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null;
  return `expected Node ${OLDEST_NODE} or later, received ${version}: install a newer one, as from https://nodejs.org`;
}
