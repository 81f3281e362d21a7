/** How workers say that they are there. */

export const HEARTBEAT_MS = 2_000;

/** A worker whose last heartbeat is older is not counted. */
export const HEARTBEAT_LIMIT_MS = 5 * HEARTBEAT_MS;
