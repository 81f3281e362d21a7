/**
 * ioredis 6.0.0: a Cluster's client that waits for the Cluster as a single connection waits for its server. ioredis's own
 * rejects what is in flight when the last node is lost, whatever `maxRetriesPerRequest` is.
 *
 * Upstream: no issue that we know of.
 * It can go when "while the whole Cluster is away" passes with ioredis's own Cluster (test/redis/cluster.test.ts).
 */
import { Cluster } from 'ioredis';

/** A Cluster serves a slot again some seconds after its primary's death; until then, a command is retried at this interval. */
export const TRY_AGAIN_MS = 100;

/** Writes may be sent again, so they must tolerate repetition. */
export class PatientCluster extends Cluster {
  override handleError(...[error, ttl, handlers]: Parameters<Cluster['handleError']>): void {
    if (error.message === 'Connection is closed.' && this.status !== 'ready' && this.status !== 'end') {
      setTimeout(() => handlers.connectionClosed(), TRY_AGAIN_MS);
    } else {
      super.handleError(error, ttl, handlers);
    }
  }
}
