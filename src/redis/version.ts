/** The oldest Redis that has what append.lua and BullMQ need. */
export const MINIMUM_REDIS = '6.2';

/** Whether a version text such as `7.0.15` is MINIMUM_REDIS or later, as all of Valkey's versions are. */
export function isSupportedRedis(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = MINIMUM_REDIS.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
