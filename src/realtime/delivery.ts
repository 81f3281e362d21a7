/**
 * How the events of a subscription reach its client over WebSocket: the port that graphql-ws.ts uses.
 *
 *   plainDelivery    as in graphql-ws: each subscription is executed, serialised and written separately
 *   SharedDelivery   the fast one (shared-delivery/): subscribers that ask the same share all of that
 *
 * A client cannot tell them apart: both send the same messages in the same order (test/realtime/deliveries.test.ts).
 */
import type { ExecutionArgs, subscribe } from 'graphql';
import type { ClientSocket } from './client-socket.ts';

export interface SubscriptionRequest {
  /** The subscription's id, as the client chose it. */
  readonly id: string;
  readonly socket: ClientSocket;
  /** The document as it came. */
  readonly query: string;
  /** The only job whose events its viewer may see; null: all jobs. */
  readonly viewerJobId: string | null;
  /** Includes the operation's own context. */
  readonly args: ExecutionArgs;
  /** Executes the operation on its own, with every plugin of the endpoint. */
  readonly subscribe: typeof subscribe;
}

/** What graphql-ws iterates over, or a result with nothing but the errors that prevented a stream. */
export type Opened = Awaited<ReturnType<typeof subscribe>>;

export interface Delivery {
  /** Groups of subscribers that share their results. */
  readonly groupCount: number;
  /**
   * Opens a subscription. The client receives `complete` when the returned stream ends, and `error` when it throws or a result
   * is returned instead.
   */
  open(request: SubscriptionRequest): Promise<Opened>;
}

export const plainDelivery: Delivery = {
  groupCount: 0,
  open: async ({ args, subscribe: carryOut }) => carryOut(args),
};
