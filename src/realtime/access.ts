/** What the transports consult before they serve anybody; made by the server, since it needs credentials, limits and Redis. */
import type { IncomingMessage } from 'node:http';
import { OPEN_VIEWER, type Viewer } from '../auth/viewer.ts';
import type { PlayheadError } from '../core/errors.ts';
import { nothing } from '../core/nothing.ts';
import type { RetainedData } from './operation-memory.ts';

/** Whether a connection may begin: if so, how to release its place; if not, why. */
export type UpgradeDecision = { readonly leave: () => void } | { readonly refused: PlayheadError };

export interface Access {
  /** Decides on a WebSocket's upgrade by its origin, and by how many connections its address has. */
  admit(request: IncomingMessage): UpgradeDecision;
  /** @throws PlayheadError UNAUTHENTICATED, UNAVAILABLE */
  authenticate(authorization: unknown): Promise<Viewer>;
  /**
   * Begins a connection or stream under a credential.
   * @param end called once when the credential is no longer valid
   * @param held what it keeps in memory
   * @returns a function to call when it is over
   * @throws PlayheadError RATE_LIMITED when the viewer has too many or they hold too much, TOO_COMPLEX when this one alone does
   */
  enter(viewer: Viewer, end: () => void, held: RetainedData): () => void;
  /** Counts what an operation keeps in memory in addition. @returns, @throws as `enter` */
  hold(viewer: Viewer, held: RetainedData): () => void;
  /** Counts an operation. @throws PlayheadError RATE_LIMITED, UNAVAILABLE */
  countOperation(viewer: Viewer): Promise<void>;
}

/** Everybody may do everything, as on a laptop. */
export const OPEN_ACCESS: Access = {
  admit: () => ({ leave: nothing }),
  authenticate: async () => OPEN_VIEWER,
  enter: () => nothing,
  hold: () => nothing,
  countOperation: async () => {},
};
