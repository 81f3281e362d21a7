/**
 * Every Redis key and channel name is made here. All keys of one project share the hash tag `{projectId}`, so that one
 * script can touch them on a Cluster.
 */
export interface ProjectKeys {
  /** Hash: epoch (random, made once), seq and hash of the last event (the hash under `tag`). */
  readonly meta: string;
  /** Stream: entry id is `seq-0`; fields tag (the hash) and event (JSON). */
  readonly log: string;
  /** Sorted set, score 0: all job ids except those of items; ids sort by creation time. */
  readonly jobs: string;
  /** Sorted set, score 0: the job ids of the items of batches. */
  readonly items: string;
  /** Set: ids of the jobs that have not ended. */
  readonly active: string;
  /** Sorted set: the same ids by the seq of each job's latest event. */
  readonly latest: string;
  /** Pub/Sub channel: each event with its position and the hash of the one before. */
  readonly live: string;
  /** Hash: the snapshot of one job. */
  job(jobId: string): string;
  /** Hash: what the job's finished steps returned, by step name. */
  outputs(jobId: string): string;
  /** Stream, newest last: the lines of the job's steps, their programs and providers; field line (JSON). */
  lines(jobId: string): string;
  /** Hash: bytes of the stored files of each job, by job id, and of all under `:total`. */
  readonly usage: string;
  /** Hash: bytes of the stored files of one job, by name. */
  files(jobId: string): string;
  /** String: the job made for an idempotency key. */
  idempotency(taskName: string, key: string): string;
  /** String: the tracked job of this name in its own system (`kind` external), or that a call with this key began (call). */
  tracked(kind: 'external' | 'call', taskName: string, name: string): string;
  /** List, newest first: how long the steps of a tracked task took in its last runs, by a digest of its steps' names. */
  durations(taskName: string, steps: string): string;
  /** Hash of a batch: number of items by status, sum of their progress, and the progress of each (millionths). */
  batch(jobId: string): string;
  /** Sorted set, score 0: job ids of one workflow in one status, except those of items. */
  index(workflow: string, status: string): string;
  /** The same for the items of batches. */
  itemIndex(workflow: string, status: string): string;
  /** Sorted set: ids of the project's webhooks by their creation time (ms). */
  readonly webhooks: string;
  webhook(id: string): WebhookKeys;
}

/** What is kept of one webhook. */
export interface WebhookKeys {
  /** Hash: its settings, its secrets, its state, and the cursor up to which the log has been read. */
  readonly settings: string;
  /**
   * Sorted set, score 0: `jobId|number|deliveryId` of waiting deliveries; those of one job in the order in which they are sent.
   */
  readonly waiting: string;
  /** Sorted set: ids of the jobs that have waiting deliveries, by the time (ms) of the next attempt. */
  readonly due: string;
  /** Sorted set: all delivery ids by their number. */
  readonly deliveries: string;
  /** Sorted set: ids of deliveries that are over, by the time (ms) of their end. */
  readonly finished: string;
  /** Hash: the state of each delivery (JSON), by its id. */
  readonly records: string;
  /** Hash: what is sent, by the delivery's id. */
  readonly bodies: string;
}

/** Credentials and what they use up; none of it belongs to one project. */
interface AuthKeys {
  /** Set: ids of the API keys. */
  readonly keys: string;
  /** Number: grows with every revocation, in the same step and so in the slot of `revoked`. */
  readonly revision: string;
  /** Sorted set: revoked credentials by the time (ms) at which they would have expired by themselves. */
  readonly revoked: string;
  /** Hash: one API key, its secret as a hash. */
  key(id: string): string;
  /** String: the operations of one viewer, for the limit per second. */
  rate(viewerId: string): string;
}

export interface Keys {
  /** Sorted set: `projectId|jobId` of every job not seen to have ended, by creation time (ms). */
  readonly unended: string;
  /** Sorted set: `projectId|jobId` of ended jobs by the time (ms) at which their data may be removed. */
  readonly retired: string;
  /** Sorted set: `projectId|jobId` of tracked jobs by the time (ms, Redis' clock) at which to check whether they are silent. */
  readonly leases: string;
  /** Hash: times (ms, Redis' clock) at which leases were last looked at, and reports last heard or missed (jobs/lease-watch.ts). */
  readonly leaseWatch: string;
  /** Sorted set: projects that have stored files, by the time (ms) at which they were last recounted. */
  readonly measured: string;
  /** Sorted set, on a Cluster only: projects by the time (ms) of their latest job. */
  readonly projects: string;
  /** Sorted set: worker ids by their last heartbeat (ms, Redis' clock). */
  readonly workers: string;
  /** Sorted set: what workers can do (for example `recognition:en`) by the last time one announced it (ms, Redis' clock). */
  readonly abilities: string;
  /** Hash: step ranges (JSON) by workflow, if they were calibrated. */
  readonly ranges: string;
  /** List, newest first: how long the steps of a workflow took in its last runs, with these providers (durations.ts). */
  durations(workflow: string, setup: string): string;
  /** Pub/Sub channel: cancellations and notices of clips, for the worker that runs the job. */
  readonly control: string;
  /** Set: `projectId|webhookId` of every webhook. */
  readonly webhooks: string;
  /** String: the process that sends webhooks, for as long as its lease lasts. */
  readonly webhookLease: string;
  /** Key prefix of BullMQ, with a hash tag of its own. */
  readonly queuePrefix: string;
  /** Lists that never exist, in this many slots, for testing whether Redis takes writes. */
  probes(count: number): readonly string[];
  readonly auth: AuthKeys;
  project(projectId: string): ProjectKeys;
}

/**
 * @param prefix namespace of everything this installation stores; `playhead` unless several share a Redis
 * @param database number of the Redis database that the keys lie in. Databases have their own keys but share all channels, so
 *   channels are named by it too: otherwise an installation would hear another one's events
 */
export function createKeys(prefix = 'playhead', database = 0): Keys {
  const channels = `${prefix}:db${database}`;
  return {
    unended: `${prefix}:unended`,
    retired: `${prefix}:retired`,
    leases: `${prefix}:leases`,
    leaseWatch: `${prefix}:lease-watch`,
    measured: `${prefix}:measured`,
    projects: `${prefix}:projects`,
    workers: `${prefix}:workers`,
    abilities: `${prefix}:abilities`,
    ranges: `${prefix}:ranges`,
    durations: (workflow, setup) => `${prefix}:durations:${workflow}:${setup}`,
    control: `${channels}:control`,
    webhooks: `${prefix}:webhooks`,
    webhookLease: `${prefix}:webhook-lease`,
    queuePrefix: `{${prefix}}`,
    probes: (count) => Array.from({ length: count }, (_, index) => `${prefix}:probe:{${index}}`),
    auth: {
      keys: `${prefix}:auth:keys`,
      revision: `${prefix}:auth:{revoked}:revision`,
      revoked: `${prefix}:auth:{revoked}:credentials`,
      key: (id) => `${prefix}:auth:key:${id}`,
      rate: (viewerId) => `${prefix}:auth:rate:${viewerId}`,
    },
    project: (projectId) => projectKeys(`${prefix}:{${projectId}}`, `${channels}:{${projectId}}`),
  };
}

function projectKeys(base: string, channels: string): ProjectKeys {
  return {
    meta: `${base}:meta`,
    log: `${base}:log`,
    jobs: `${base}:jobs`,
    items: `${base}:items`,
    active: `${base}:active`,
    latest: `${base}:latest`,
    live: `${channels}:live`,
    usage: `${base}:usage`,
    files: (jobId) => `${base}:files:${jobId}`,
    job: (jobId) => `${base}:job:${jobId}`,
    outputs: (jobId) => `${base}:outputs:${jobId}`,
    lines: (jobId) => `${base}:lines:${jobId}`,
    idempotency: (taskName, key) => `${base}:idem:${taskName}:${key}`,
    // Encoded: a task's name may be anything, and must not be taken for part of another name.
    tracked: (kind, taskName, name) => `${base}:tracked:${kind}:${encodeURIComponent(taskName)}:${name}`,
    durations: (taskName, steps) => `${base}:durations:${encodeURIComponent(taskName)}:${steps}`,
    batch: (jobId) => `${base}:batch:${jobId}`,
    itemIndex: (workflow, status) => `${base}:item-index:${workflow}:${status}`,
    index: (workflow, status) => `${base}:index:${workflow}:${status}`,
    webhooks: `${base}:webhooks`,
    webhook: (id) => webhookKeys(`${base}:webhook:${id}`),
  };
}

function webhookKeys(base: string): WebhookKeys {
  return {
    settings: base,
    waiting: `${base}:waiting`,
    due: `${base}:due`,
    deliveries: `${base}:deliveries`,
    finished: `${base}:finished`,
    records: `${base}:records`,
    bodies: `${base}:bodies`,
  };
}
