/**
 * How the events of a subscription come to its client over WebSocket: the port that graphql-ws.ts speaks to.
 *
 *   plainDelivery    as graphql-ws does it: each subscription is executed, serialised and written by itself
 *   SharedDelivery   the fast one (shared-delivery/): subscribers that ask the same thing share all of that
 *
 * A client can't tell one from the other: both send the same messages in the same order (test/realtime/deliveries.test.ts).
 */
import type { ExecutionArgs, subscribe } from 'graphql';
import type { ClientSocket } from './client-socket.ts';

export interface SubscriptionRequest {
  /** The subscription's id, as the client chose it. */
  readonly id: string;
  readonly socket: ClientSocket;
  /** The document as it came. */
  readonly query: string;
  /** The only job whose events its viewer may see; null: every job's. */
  readonly viewerJobId: string | null;
  /** With the operation's own context. */
  readonly args: ExecutionArgs;
  /** Carries the operation out by itself, with every plugin of the endpoint. */
  readonly subscribe: typeof subscribe;
}

/** What graphql-ws iterates over, or a result that has nothing but the errors for which there is no stream. */
export type Opened = Awaited<ReturnType<typeof subscribe>>;

export interface Delivery {
  /** Groups of subscribers that share their results. */
  readonly groupCount: number;
  /**
   * Opens a subscription. The client is told `complete` when what it returns ends, and `error` when that throws or is a
   * result.
   */
  open(request: SubscriptionRequest): Promise<Opened>;
}

export const plainDelivery: Delivery = {
  groupCount: 0,
  open: async ({ args, subscribe: carryOut }) => carryOut(args),
};
