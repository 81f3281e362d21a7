/**
 * graphql-ws 6.4.2: how it handles messages where that differs from its types or its protocol.
 *
 * Upstream: no issue that we know of.
 * Both can go when the tests of "graphql-ws still" fail (test/patches/needed.test.ts).
 */

/** It throws for a message that only servers send (`next` and the like), but closes with 4400 for every other invalid one. */
export function isServersMessage(error: unknown): boolean {
  return error instanceof Error && /^Unexpected message of type \w+ received$/.test(error.message);
}

/** It accepts a message that has been parsed already, although its types say text, so each is parsed only once. */
export function asText(message: unknown): string {
  return message as string;
}
