/**
 * Delivery of shared subscriptions over WebSocket: each event is executed and serialised once per group of subscribers that ask
 * the same, and everything due for a socket in one tick is sent in one write.
 *
 *   group     same project, document, operation name, and variables that reach the result (operation.ts); viewers of only
 *             one job never share one with others, since an event's job leads to further jobs
 *   start     each subscriber on its own (event-stream.ts); the results of events are shared with its group
 *   live      the group writes (group.ts); a socket that does not take it has a queue of its own (subscriber.ts)
 *
 * A document whose results depend on the viewer, which is detected automatically (shared-context.ts), is served to each
 * subscriber separately. Documents that are not shared at all go through graphql-js's subscribe.
 */
import { createSourceEventStream, type DocumentNode, type ExecutionArgs } from 'graphql';
import { PlayheadError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { QueueLimits } from '../../log/delivery-queue.ts';
import { EventStream } from '../../log/event-stream.ts';
import type { Feed } from '../../log/feed.ts';
import type { FeedHandle } from '../../log/feed-hub.ts';
import type { ProcessContext } from '../../schema/context.ts';
import type { ErrorMapping } from '../../schema/errors.ts';
import { narrowToJob } from '../../schema/narrowed-context.ts';
import type { ClientSocket } from '../client-socket.ts';
import type { Delivery, Opened, SubscriptionRequest } from '../delivery.ts';
import { type FeedSource, Group } from './group.ts';
import { groupKey, resultVariables } from './operation.ts';
import type { Asked } from './result-plan.ts';
import { Results } from './results.ts';
import { createSharedContext } from './shared-context.ts';
import { Subscriber } from './subscriber.ts';

export interface SharedDeliveryParts {
  /**
   * What is the same for every viewer; shared execution sees this, or the part of it that concerns one job, and nothing else.
   */
  readonly shared: ProcessContext;
  readonly logger: Logger;
  readonly mapping: ErrorMapping;
  readonly limits?: QueueLimits | undefined;
  /** Changes when kept results must be made anew, because links in them expire. */
  readonly linkEdition?: (() => number) | undefined;
}

/** A feed with groups, and the lease on it. */
interface Project {
  readonly lease: FeedHandle;
  readonly groups: Map<string, Group>;
  /** Groups in use, shared or not. */
  count: number;
}

export class SharedDelivery implements Delivery {
  readonly #parts: SharedDeliveryParts;
  readonly #projects = new Map<Feed, Project>();
  readonly #variables = new WeakMap<DocumentNode, Map<string | null, readonly string[] | null>>();
  readonly #personal = new WeakSet<DocumentNode>();
  #due = new Set<Group>();

  constructor(parts: SharedDeliveryParts) {
    this.#parts = parts;
  }

  /** Groups that exist now, over all projects. */
  get groupCount(): number {
    let count = 0;
    for (const project of this.#projects.values()) count += project.count;
    return count;
  }

  async open(request: SubscriptionRequest): Promise<Opened> {
    const { args, subscribe } = request;
    const isShared = this.#variablesOf(args.document, args.operationName ?? null) !== null;
    return isShared ? this.#takeOver(request) : subscribe(args);
  }

  /** @returns what graphql-ws iterates, which yields no values and ends or throws with the subscription; or the errors */
  async #takeOver(request: SubscriptionRequest): Promise<Opened> {
    const { args, id, socket } = request;
    // graphql-ws keeps the arguments until the end; release what the plugins made for this operation alone.
    args.rootValue = undefined;
    // graphql-js's own: the plugins have wrapped parse, validate and the context, but see no results here.
    const stream = await createSourceEventStream(args);
    if ('errors' in stream) return stream;
    if (!(stream instanceof EventStream)) {
      throw new TypeError('jobEvents: expected its source to be an EventStream');
    }
    try {
      const group = this.#groupFor(stream, request) ?? this.openOwnGroup(stream, args);
      group.hold();
      return new Subscriber({ id, socket, stream, group, owner: this, args }, this.#parts.limits);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** Opens a group for one subscriber alone, with the operation's own context, since its results depend on the viewer. */
  openOwnGroup(source: FeedSource, args: ExecutionArgs): Group {
    this.#personal.add(args.document);
    return this.#openGroup(source, null, args);
  }

  /** The shared group; null when this document's results depend on the viewer. */
  #groupFor(stream: EventStream, request: SubscriptionRequest): Group | null {
    const { args, query, viewerJobId } = request;
    const { document, operationName, variableValues } = args;
    if (this.#personal.has(document)) return null;
    const names = this.#variablesOf(document, operationName ?? null) ?? [];
    const key = groupKey(query, operationName, names, variableValues, viewerJobId);
    const found = this.#projects.get(stream.feed)?.groups.get(key);
    return found ?? this.#openGroup(stream, key, args, viewerJobId);
  }

  /** @param key null: a group for one subscriber alone, with its own context */
  #openGroup(
    source: FeedSource,
    key: string | null,
    args: ExecutionArgs,
    viewerJobId: string | null = null,
  ): Group {
    const { mapping, linkEdition } = this.#parts;
    const shared = viewerJobId === null ? this.#parts.shared : narrowToJob(this.#parts.shared, viewerJobId);
    const { feed } = source;
    const project = this.#projects.get(feed) ?? { lease: source.shareLease(), groups: new Map(), count: 0 };
    this.#projects.set(feed, project);
    project.count += 1;
    const asked: Asked = {
      schema: args.schema,
      document: args.document,
      operationName: args.operationName ?? null,
      variables: args.variableValues ?? {},
    };
    const context = key === null ? { own: args.contextValue } : { shared: createSharedContext(shared) };
    const group: Group = new Group({
      feed,
      shareLease: () => project.lease.share(),
      results: new Results(asked, context, mapping, linkEdition),
      onDue: this.#onDue,
      onClosed: () => {
        project.count -= 1;
        if (project.count > 0) return;
        this.#projects.delete(feed);
        project.lease.release();
      },
      onEnd: () => {
        if (key !== null && project.groups.get(key) === group) project.groups.delete(key);
      },
    });
    if (key !== null) project.groups.set(key, group);
    return group;
  }

  #variablesOf(document: DocumentNode, operationName: string | null): readonly string[] | null {
    const known = this.#variables.get(document) ?? new Map<string | null, readonly string[] | null>();
    this.#variables.set(document, known);
    let names = known.get(operationName);
    if (names === undefined) {
      names = resultVariables(document, operationName);
      known.set(operationName, names);
    }
    return names;
  }

  /** Flushes once everything that arrived in this turn of the event loop has been handed on. */
  readonly #onDue = (group: Group): void => {
    if (this.#due.size === 0) setImmediate(this.#flush);
    this.#due.add(group);
  };

  readonly #flush = (): void => {
    const due = this.#due;
    this.#due = new Set();
    const corked = new Set<ClientSocket>();
    for (const group of due) {
      try {
        group.flush(corked);
      } catch (err) {
        this.#parts.logger.error({ err }, 'delivering events failed');
        group.abort(new PlayheadError('INTERNAL', 'Delivering events failed', { cause: err }));
      }
    }
    for (const socket of corked) socket.uncork();
  };
}
