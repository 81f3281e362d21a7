/**
 * The states of one subscriber's stream of events, and what leads from one to another. Pure.
 *
 *   opening   The stream is attached to its feed and finds out where it begins. New events wait in the queue.
 *   snapshot  Pages of the snapshot are read and handed out; new events wait in the queue.
 *   replay    Pages of the log are read and handed out, up to where the queue begins.
 *   overrun   Everything was read, but the queue was over its limit meanwhile and has been emptied: what it would have held
 *             is replayed, as soon as the client has taken what was read.
 *   live      The queue is handed out. A stream never goes back from here: with a full queue it fails (G7).
 *   rest      The job had ended before the stream opened: what is left of the log is all there is, and then it closes.
 *   failed    What waits without a gap is still handed out (G1); then the failure is reported, and the stream closes.
 *   closed    Nothing more comes. Nothing leads out of here.
 */
import type { PlayheadError } from '../core/errors.ts';
import type { Position } from '../progress/position.ts';
import type { Snapshot } from './snapshot.ts';

/** A part of the log to be replayed: after `from`, up to and including `upTo`, where the queue goes on. */
export interface Stretch {
  readonly from: Position;
  readonly upTo: Position;
}

/** What is known of the queue while the start is read. */
interface Behind {
  /** The queue was over its limit, and is empty: what it would have held is to be replayed. */
  readonly overrun: boolean;
  /** The client has taken something since the queue was last emptied. */
  readonly taking: boolean;
}

interface States {
  opening: { readonly failure: PlayheadError | null };
  snapshot: Behind & { readonly pages: Snapshot };
  /** A failure is reported once the replay and the queue have been handed out. */
  replay: Behind & { readonly stretch: Stretch; readonly failure: PlayheadError | null };
  overrun: { readonly from: Position; readonly taking: boolean };
  live: object;
  /** Null: everything was read. */
  rest: { readonly stretch: Stretch | null };
  /** `queued`: what waits in the queue came before the failure, without a gap. */
  failed: { readonly failure: PlayheadError; readonly queued: boolean };
  closed: object;
}

interface Events {
  /** It is known where the stream begins. */
  begun: { readonly start: Snapshot | Stretch | 'live' };
  /** The job that was asked for had ended before the stream attached to its feed. */
  jobWasOver: object;
  /** A page was read; the next begins after `next`. Null: it was the last. */
  read: { readonly next: Position | null; readonly attachedAt: Position };
  /** The queue begins anew, at the feed's position. */
  requeued: { readonly position: Position };
  /** The client has taken an event. */
  taken: object;
  /** The queue is over its limit. */
  full: { readonly failure: PlayheadError };
  /** The feed lost its history, or the client can't be served any more. */
  failed: { readonly failure: PlayheadError };
  /** A page could not be read: what waits comes after a gap. */
  unread: { readonly failure: PlayheadError };
  closed: object;
}

type Named<T> = { readonly [N in keyof T]: { readonly name: N } & T[N] };
export type StreamState = Named<States>[keyof States];
export type StreamEvent = Named<Events>[keyof Events];
type StateOf<S extends keyof States> = Named<States>[S];

/** What each event makes of each state. */
type Transitions = {
  readonly [S in keyof States]: {
    readonly [E in keyof Events]: (state: StateOf<S>, event: Named<Events>[E]) => StreamState;
  };
};

const LIVE: StreamState = { name: 'live' };
const CLOSED: StreamState = { name: 'closed' };

const stay = <S extends StreamState>(state: S): S => state;
const close = (): StreamState => CLOSED;

const TRANSITIONS: Transitions = {
  opening: {
    begun: ({ failure }, { start }) => begin(start, failure),
    jobWasOver: stay,
    read: stay,
    requeued: stay,
    taken: stay,
    full: (state, { failure }) => failLater(state, failure),
    failed: (state, { failure }) => failLater(state, failure),
    unread: (state, { failure }) => failWithGap(state.failure ?? failure),
    closed: close,
  },
  snapshot: {
    begun: stay,
    jobWasOver: stay,
    read: ({ overrun, taking }, { attachedAt }) =>
      overrun ? { name: 'overrun', from: attachedAt, taking } : LIVE,
    requeued: stay,
    taken: take,
    full: (state, { failure }) => (state.taking ? overrunBy(state) : failWithGap(failure)),
    // The rest would be the state of a different history from the one that the stream began with.
    failed: (_, { failure }) => failWithGap(failure),
    unread: (_, { failure }) => failWithGap(failure),
    closed: close,
  },
  replay: {
    begun: stay,
    jobWasOver: ({ stretch }) => ({ name: 'rest', stretch }),
    read: (state, { next }) => (next === null ? endReplay(state) : goOn(state, next)),
    requeued: stay,
    taken: take,
    full: (state, { failure }) => (state.taking ? overrunBy(state) : failLater(state, failure)),
    failed: (state, { failure }) => failLater(state, failure),
    unread: (state, { failure }) => failWithGap(state.failure ?? failure),
    closed: close,
  },
  overrun: {
    begun: stay,
    jobWasOver: () => ({ name: 'rest', stretch: null }),
    read: stay,
    requeued: ({ from, taking }, { position }) => replay({ from, upTo: position }, taking),
    taken: take,
    full: stay,
    failed: (_, { failure }) => failWithGap(failure),
    unread: (_, { failure }) => failWithGap(failure),
    closed: close,
  },
  live: {
    begun: stay,
    jobWasOver: () => ({ name: 'rest', stretch: null }),
    read: stay,
    requeued: stay,
    taken: stay,
    full: (_, { failure }) => ({ name: 'failed', failure, queued: true }),
    failed: (_, { failure }) => ({ name: 'failed', failure, queued: true }),
    unread: stay,
    closed: close,
  },
  rest: {
    begun: stay,
    jobWasOver: stay,
    read: ({ stretch }, { next }) => ({
      name: 'rest',
      stretch: stretch === null || next === null ? null : { ...stretch, from: next },
    }),
    requeued: stay,
    taken: stay,
    full: stay,
    // The rest is read from the log, which reports itself when it is lost.
    failed: stay,
    unread: (_, { failure }) => failWithGap(failure),
    closed: close,
  },
  // The first failure is the one that is reported.
  failed: {
    begun: stay,
    jobWasOver: stay,
    read: stay,
    requeued: stay,
    taken: stay,
    full: stay,
    failed: stay,
    unread: stay,
    closed: close,
  },
  closed: {
    begun: stay,
    jobWasOver: stay,
    read: stay,
    requeued: stay,
    taken: stay,
    full: stay,
    failed: stay,
    unread: stay,
    closed: stay,
  },
};

/** The state in which an event leaves a stream; the same object when it changes nothing. */
export function transit(state: StreamState, event: StreamEvent): StreamState {
  // The table has a row for each pair, which TypeScript can't see through two unions at once.
  const move = TRANSITIONS[state.name][event.name] as (s: StreamState, e: StreamEvent) => StreamState;
  return move(state, event);
}

/** Whether the queue holds all that happened since the stream attached, so that it is kept and may be handed out in its turn. */
export function keepsQueue(state: StreamState): boolean {
  switch (state.name) {
    case 'opening':
    case 'live':
      return true;
    case 'snapshot':
    case 'replay':
      return !state.overrun;
    case 'failed':
      return state.queued;
    case 'overrun':
    case 'rest':
    case 'closed':
      return false;
  }
}

/** Whether something is to be read before the queue may be handed out. */
export function isReading(state: StreamState): boolean {
  const { name } = state;
  return (
    name === 'snapshot' ||
    name === 'replay' ||
    name === 'overrun' ||
    (name === 'rest' && state.stretch !== null)
  );
}

/** The failure that the stream will end with; null: nothing has gone wrong. */
export function failureOf(state: StreamState): PlayheadError | null {
  const { name } = state;
  return name === 'opening' || name === 'replay' || name === 'failed' ? state.failure : null;
}

function begin(start: Snapshot | Stretch | 'live', failure: PlayheadError | null): StreamState {
  if (start === 'live') return failure === null ? LIVE : { name: 'failed', failure, queued: true };
  if ('upTo' in start) return replay(start, true, failure);
  return failure === null
    ? { name: 'snapshot', pages: start, overrun: false, taking: true }
    : failWithGap(failure);
}

function replay(stretch: Stretch, taking: boolean, failure: PlayheadError | null = null): StreamState {
  return { name: 'replay', stretch, overrun: false, taking, failure };
}

function goOn(state: StateOf<'replay'>, next: Position): StreamState {
  return { ...state, stretch: { ...state.stretch, from: next } };
}

function endReplay({ failure, overrun, stretch, taking }: StateOf<'replay'>): StreamState {
  if (failure !== null) return { name: 'failed', failure, queued: !overrun };
  return overrun ? { name: 'overrun', from: stretch.upTo, taking } : LIVE;
}

function take<S extends StateOf<'snapshot' | 'replay' | 'overrun'>>(state: S): StreamState {
  return state.taking ? state : { ...state, taking: true };
}

function overrunBy<S extends StateOf<'snapshot' | 'replay'>>(state: S): StreamState {
  return { ...state, overrun: true, taking: false };
}

function failLater(state: StateOf<'opening' | 'replay'>, failure: PlayheadError): StreamState {
  return { ...state, failure: state.failure ?? failure };
}

function failWithGap(failure: PlayheadError): StreamState {
  return { name: 'failed', failure, queued: false };
}
