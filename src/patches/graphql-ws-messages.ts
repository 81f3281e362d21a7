/**
 * graphql-ws 6.4.2: how it deals with messages, where that is not what its types or its protocol say.
 *
 * Upstream: no issue that we know of.
 * Both can go when the tests of "graphql-ws still" fail (test/patches/needed.test.ts).
 */

/** It throws for a message that only servers send (`next` and the like), where it closes with 4400 for every other wrong one. */
export function isServersMessage(error: unknown): boolean {
  return error instanceof Error && /^Unexpected message of type \w+ received$/.test(error.message);
}

/** It takes a message that was parsed already, though its types say text: so that each is parsed once. */
export function asText(message: unknown): string {
  return message as string;
}
