/** What the transports ask before they serve anybody; made by the server, since it takes credentials, limits and Redis. */
import type { IncomingMessage } from 'node:http';
import { OPEN_VIEWER, type Viewer } from '../auth/viewer.ts';
import type { PlayheadError } from '../core/errors.ts';
import { nothing } from '../core/nothing.ts';
import type { RetainedData } from './operation-memory.ts';

/** Whether a connection may begin: how to let go of its place, or why not. */
export type UpgradeDecision = { readonly leave: () => void } | { readonly refused: PlayheadError };

export interface Access {
  /** Decides on a WebSocket's upgrade by where it comes from, and how many there are of its address. */
  admit(request: IncomingMessage): UpgradeDecision;
  /** @throws PlayheadError UNAUTHENTICATED, UNAVAILABLE */
  authenticate(authorization: unknown): Promise<Viewer>;
  /**
   * Begins what goes on under a credential.
   * @param end called once when the credential no longer counts
   * @param held what it keeps in memory
   * @returns call it when it is over
   * @throws PlayheadError RATE_LIMITED when the viewer has too many or they keep too much, TOO_COMPLEX when this alone does
   */
  enter(viewer: Viewer, end: () => void, held: RetainedData): () => void;
  /** Counts what an operation keeps in memory besides. @returns, @throws as `enter` */
  hold(viewer: Viewer, held: RetainedData): () => void;
  /** Counts an operation. @throws PlayheadError RATE_LIMITED, UNAVAILABLE */
  countOperation(viewer: Viewer): Promise<void>;
}

/** Everybody may everything, as on a laptop. */
export const OPEN_ACCESS: Access = {
  admit: () => ({ leave: nothing }),
  authenticate: async () => OPEN_VIEWER,
  enter: () => nothing,
  hold: () => nothing,
  countOperation: async () => {},
};
