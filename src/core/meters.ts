/**
 * What is measured: the one table of the product's figures. A label never holds a project, a job or anything else that a client
 * chooses. A test checks docs/grafana-dashboard.json and docs/prometheus-alerts.yml against it.
 */
import { Counter, Gauge, Histogram, type Meter } from './meter.ts';

/** Seconds: from a short step to the longest job. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];

export const METERS = {
  jobsCreated: new Counter(
    'playhead.jobs.created',
    '{job}',
    'Jobs created; batches and their items are jobs.',
    ['workflow'],
  ),
  jobsEnded: new Counter('playhead.jobs.ended', '{job}', 'Jobs whose last event was written.', [
    'workflow',
    'status',
  ]),
  attemptsFailed: new Counter(
    'playhead.job.attempts.failed',
    '{attempt}',
    'Attempts that failed, by error code.',
    ['workflow', 'code', 'will_retry'],
  ),
  jobDuration: new Histogram(
    'playhead.job.duration',
    's',
    'From the start of a job’s first attempt to its last event; not of batches, nor after retryJob.',
    ['workflow', 'status'],
    SECONDS,
  ),
  batchDuration: new Histogram(
    'playhead.batch.duration',
    's',
    'From a batch’s first report of an item to its last event; not after retryJob.',
    ['workflow', 'status'],
    SECONDS,
  ),
  queueWait: new Histogram(
    'playhead.job.queue.wait',
    's',
    'From the creation of a job to the start of its first attempt.',
    ['workflow'],
    SECONDS,
  ),
  stepDuration: new Histogram(
    'playhead.step.duration',
    's',
    'Time in a step of a job.',
    ['workflow', 'step', 'outcome'],
    SECONDS,
  ),
  toolDuration: new Histogram(
    'playhead.tool.duration',
    's',
    'Time in a program, a media process or a call of a provider.',
    ['tool', 'outcome'],
    SECONDS,
  ),
  queueJobs: new Gauge(
    'playhead.queue.jobs',
    '{job}',
    'Entries in the queue, as every API process sees them: take the largest, not the sum.',
    ['state'],
  ),
  runningJobs: new Gauge('playhead.jobs.running', '{job}', 'Jobs that this worker runs now.'),
  workers: new Gauge('playhead.workers', '{worker}', 'Workers heard of within 10 s: take the largest.'),
  eventsPublished: new Counter('playhead.events.published', '{event}', 'Events written to the log.', [
    'type',
  ]),
  eventsCoalesced: new Counter(
    'playhead.events.coalesced',
    '{event}',
    'Progress dropped for newer progress of its job: reports in a worker, events of a slow subscriber.',
    ['place'],
  ),
  eventsDelivered: new Counter('playhead.events.delivered', '{event}', 'Events handed to subscribers.', [
    'transport',
  ]),
  subscribers: new Gauge('playhead.subscribers', '{subscriber}', 'Subscriptions that are open now.'),
  groups: new Gauge('playhead.delivery.groups', '{group}', 'Groups of subscribers that share their results.'),
  feeds: new Gauge('playhead.feeds', '{project}', 'Projects that this server follows for its subscribers.'),
  connections: new Gauge('playhead.websocket.connections', '{connection}', 'WebSockets that are open now.'),
  resumes: new Counter('playhead.resumes', '{subscription}', 'Subscriptions that went on behind a cursor.'),
  gapsRepaired: new Counter(
    'playhead.events.gaps.repaired',
    '{event}',
    'Events read from the log because their Pub/Sub message was lost.',
  ),
  eventsExpired: new Counter(
    'playhead.events.expired',
    '{error}',
    'Times that a history was found lost or trimmed (EVENTS_EXPIRED), by a subscription or a server.',
  ),
  webhookAttempts: new Counter(
    'playhead.webhook.attempts',
    '{attempt}',
    'Requests to receivers of webhooks, by what came of them.',
    ['outcome'],
  ),
  recordsDamaged: new Counter(
    'playhead.records.damaged',
    '{record}',
    'Records in Redis that could not be read and were set aside; each once per process.',
    ['kind'],
  ),
  clientsCut: new Counter(
    'playhead.clients.cut',
    '{client}',
    'Connections that were ended since their clients read too slowly.',
  ),
  redisReconnects: new Counter(
    'playhead.redis.reconnects',
    '{connection}',
    'Redis connections that broke and are made again, by try.',
  ),
  memory: new Gauge('process.memory.usage', 'By', 'Resident memory of this process.'),
} as const satisfies Readonly<Record<string, Meter>>;

METERS.memory.observe(() => process.memoryUsage.rss());
