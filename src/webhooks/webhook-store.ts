/** Webhooks and their deliveries in Redis. */
import type { Redis } from 'ioredis';
import { DamagedRecords } from '../core/damaged-records.ts';
import { silentLogger } from '../core/logger.ts';
import type { Position } from '../progress/position.ts';
import { type KeyedCommand, sendEach, sendMany, WrongType } from '../redis/cluster.ts';
import type { Keys, WebhookKeys } from '../redis/keys.ts';
import {
  CREATE_WEBHOOK,
  DROP_DELIVERY,
  ENABLE_WEBHOOK,
  REDELIVER,
  SETTLE_DELIVERY,
  TAKE_DELIVERIES,
} from './scripts.ts';
import {
  type DeliveryRecord,
  readDelivery,
  readWebhook,
  type Webhook,
  type WebhookFields,
  type WebhookId,
  writePosition,
} from './webhook.ts';

/** A delivery to be created for an event. */
export interface NewDelivery {
  readonly id: string;
  readonly record: DeliveryRecord;
  readonly body: string;
}

/** A stretch of the log from which deliveries are made. */
export interface TakenStretch {
  /** The cursor's expected value. */
  readonly from: Position;
  /** The cursor's new value. */
  readonly to: Position;
  /** The time (ms) of the last event. */
  readonly readUntil: number;
}

/** A delivery as read. */
export interface StoredDelivery {
  readonly id: string;
  readonly record: DeliveryRecord;
  /** The record as stored; a change requires it to be the same still. */
  readonly text: string;
}

/** A delivery that is due. */
export interface DueDelivery extends StoredDelivery {
  /** Null: the body is gone. */
  readonly body: string | null;
}

/** What became of an attempt. */
export interface Settlement {
  readonly outcome: 'delivered' | 'failed' | 'later';
  readonly record: DeliveryRecord;
  readonly now: number;
  /** With `later`, the time of the next attempt. */
  readonly again?: number | undefined;
  readonly pausedUntil?: number | undefined;
  readonly disabledReason?: string | undefined;
  /** Deliveries that were over by then (ms) are not kept. */
  readonly forgetBefore: number;
}

/** How many finished deliveries of a webhook are kept. */
const KEPT_DELIVERIES = 100;

export class WebhookStore {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #damaged: DamagedRecords;

  /** @param damaged notified of records that cannot be read; default: they are ignored */
  constructor(redis: Redis, keys: Keys, damaged = new DamagedRecords(silentLogger)) {
    this.#redis = redis;
    this.#keys = keys;
    this.#damaged = damaged;
  }

  /** @returns false when the project has `most` webhooks already */
  async create(id: WebhookId, fields: WebhookFields, now: number, most: number): Promise<boolean> {
    const { webhooks } = this.#keys.project(id.projectId);
    const created = await CREATE_WEBHOOK.run<number>(
      this.#redis,
      { webhooksKey: webhooks, settingsKey: this.#of(id).settings },
      { id: id.id, now, most },
      Object.entries(fields).flat(),
    );
    if (created === 0) return false;
    // Senders look here. It may be on another node of a Cluster, so it is written last: if this fails and nobody sends the
    // webhook, its creation was not confirmed either.
    await this.#redis.sadd(this.#keys.webhooks, toMember(id));
    return true;
  }

  /** @returns whether there was one */
  async delete(id: WebhookId): Promise<boolean> {
    const { webhooks } = this.#keys.project(id.projectId);
    await this.#redis.unlink(...Object.values<string>({ ...this.#of(id) }));
    const removed = await this.#redis.zrem(webhooks, id.id);
    await this.#redis.srem(this.#keys.webhooks, toMember(id));
    return removed === 1;
  }

  /** Sets fields of an existing webhook. @returns false when there is none */
  async change(id: WebhookId, fields: WebhookFields): Promise<boolean> {
    const { settings } = this.#of(id);
    if ((await this.#redis.exists(settings)) === 0) return false;
    await this.#redis.hset(settings, fields as Record<string, string>);
    return true;
  }

  /** @returns false when there is none */
  async enable(id: WebhookId, now: number): Promise<boolean> {
    const { due, settings } = this.#of(id);
    return (
      (await ENABLE_WEBHOOK.run<number>(this.#redis, { settingsKey: settings, dueKey: due }, { now })) === 1
    );
  }

  /** All webhooks that senders look after. */
  async all(): Promise<readonly WebhookId[]> {
    return (await this.#redis.smembers(this.#keys.webhooks)).map(readMember);
  }

  /** A project's webhooks, oldest first. */
  async list(projectId: string): Promise<readonly Webhook[]> {
    const ids = await this.#redis.zrange(this.#keys.project(projectId).webhooks, '0', '-1');
    return (await this.load(ids.map((id) => ({ projectId, id })))).filter((webhook) => webhook !== null);
  }

  /** Loads webhooks in the given order; null for those that are gone. */
  async load(ids: readonly WebhookId[]): Promise<readonly (Webhook | null)[]> {
    const found = await sendEach<WebhookFields>(
      this.#redis,
      ids.map((id) => ['hgetall', this.#of(id).settings]),
    );
    return ids.map((id, at) => {
      const fields = found[at] ?? {};
      if (!(fields instanceof WrongType)) return readWebhook(id, fields);
      this.#damaged.note('webhook', this.#of(id).settings, fields.message);
      return null;
    });
  }

  /** The number of waiting deliveries. */
  async waitingCount(id: WebhookId): Promise<number> {
    return this.#redis.zcard(this.#of(id).waiting);
  }

  /** Makes deliveries of the events between two positions. @returns false when another sender already has */
  async take(
    id: WebhookId,
    stretch: TakenStretch,
    deliveries: readonly NewDelivery[],
    now: number,
  ): Promise<boolean> {
    const { bodies, deliveries: all, due, records, settings, waiting } = this.#of(id);
    const taken = await TAKE_DELIVERIES.run<number>(
      this.#redis,
      {
        ...{ settingsKey: settings, waitingKey: waiting, dueKey: due },
        ...{ deliveriesKey: all, recordsKey: records, bodiesKey: bodies },
      },
      { from: writePosition(stretch.from), to: writePosition(stretch.to), readUntil: stretch.readUntil, now },
      deliveries.flatMap((delivery) => [
        ...[delivery.id, delivery.record.jobId],
        ...[JSON.stringify(delivery.record), delivery.body],
      ]),
    );
    return taken >= 0;
  }

  /** Ids of jobs with something due by now, the longest due first. */
  async dueJobs(id: WebhookId, now: number, limit: number): Promise<readonly string[]> {
    return this.#redis.zrangebyscore(this.#of(id).due, '-inf', now, 'LIMIT', 0, limit);
  }

  /** The next delivery of a job; null when it cannot be read, and has been dropped. */
  async nextOf(id: WebhookId, jobId: string): Promise<DueDelivery | null> {
    const { bodies, due, records, waiting } = this.#of(id);
    const [member = ''] = await this.#redis.zrangebylex(waiting, `[${jobId}|`, `(${jobId}}`, 'LIMIT', 0, 1);
    const deliveryId = member.slice(member.lastIndexOf('|') + 1);
    const [text = null, body = null] = await sendMany<string | null>(this.#redis, [
      ['hget', records, deliveryId],
      ['hget', bodies, deliveryId],
    ]);
    const record = readDelivery(text);
    if (record !== null && text !== null) return { id: deliveryId, record, text, body };
    this.#damaged.note(
      'webhook_delivery',
      `${records} ${deliveryId}`,
      'expected JSON with jobId and attempts',
    );
    await DROP_DELIVERY.run(this.#redis, { waitingKey: waiting, dueKey: due }, { jobId, member });
    return null;
  }

  /** @returns false when the delivery is no longer the first of its job, or another sender was faster */
  async settle(
    id: WebhookId,
    { id: deliveryId, record, text }: StoredDelivery,
    to: Settlement,
  ): Promise<boolean> {
    const settled = await SETTLE_DELIVERY.run<number>(this.#redis, this.#scriptKeys(id), {
      ...{ id: deliveryId, jobId: record.jobId, expected: text, record: JSON.stringify(to.record) },
      ...{ outcome: to.outcome, now: to.now, again: to.again ?? to.now },
      ...{ pausedUntil: to.pausedUntil ?? '', disabledReason: to.disabledReason ?? '' },
      ...{ keep: KEPT_DELIVERIES, forgetBefore: to.forgetBefore },
    });
    return settled === 1;
  }

  /** The newest deliveries, newest first; each that waits has the time of its next attempt. */
  async deliveries(
    id: WebhookId,
    limit: number,
  ): Promise<readonly (StoredDelivery & { readonly dueAt: number | null })[]> {
    const { deliveries, due } = this.#of(id);
    const found = await this.#read(id, await this.#redis.zrange(deliveries, '0', String(limit - 1), 'REV'));
    const scores = await sendMany<string | null>(
      this.#redis,
      found.map(({ record }) => ['zscore', due, record.jobId]),
    );
    return found.map((delivery, at) => {
      const score = scores[at] ?? null;
      return {
        ...delivery,
        dueAt: delivery.record.status === 'pending' && score !== null ? Number(score) : null,
      };
    });
  }

  /** Finds a delivery by its id among all webhooks; null when it no longer exists. */
  async find(
    projectId: string,
    deliveryId: string,
  ): Promise<(StoredDelivery & { readonly webhook: Webhook }) | null> {
    const webhooks = await this.list(projectId);
    for (const webhook of webhooks) {
      const [found] = await this.#read(webhook, [deliveryId]);
      if (found !== undefined) return { ...found, webhook };
    }
    return null;
  }

  /** @returns false when the delivery has changed since it was read */
  async redeliver(
    id: WebhookId,
    { id: deliveryId, record, text }: StoredDelivery,
    again: DeliveryRecord,
    now: number,
  ): Promise<boolean> {
    const { bodiesKey: _, ...keys } = this.#scriptKeys(id);
    const args = { id: deliveryId, jobId: record.jobId, expected: text, record: JSON.stringify(again), now };
    return (await REDELIVER.run<number>(this.#redis, keys, args)) === 1;
  }

  async #read(id: WebhookId, deliveryIds: readonly string[]): Promise<readonly StoredDelivery[]> {
    const { records } = this.#of(id);
    const texts = await sendMany<string | null>(
      this.#redis,
      deliveryIds.map((deliveryId): KeyedCommand => ['hget', records, deliveryId]),
    );
    return deliveryIds.flatMap((deliveryId, at) => {
      const text = texts[at] ?? null;
      const record = readDelivery(text);
      return record === null || text === null ? [] : [{ id: deliveryId, record, text }];
    });
  }

  #scriptKeys(id: WebhookId) {
    const { bodies, deliveries, due, finished, records, settings, waiting } = this.#of(id);
    return {
      ...{ settingsKey: settings, waitingKey: waiting, dueKey: due, deliveriesKey: deliveries },
      ...{ finishedKey: finished, recordsKey: records, bodiesKey: bodies },
    };
  }

  #of({ projectId, id }: WebhookId): WebhookKeys {
    return this.#keys.project(projectId).webhook(id);
  }
}

function toMember({ projectId, id }: WebhookId): string {
  return `${projectId}|${id}`;
}

function readMember(member: string): WebhookId {
  const [projectId = '', id = ''] = member.split('|');
  return { projectId, id };
}
