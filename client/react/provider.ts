/** The client that the hooks below the provider use. */
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import type { ConnectionState, PlayheadClient } from '../client.ts';
import { createJobsStore, type JobsStore } from './jobs-store.ts';

interface Playhead {
  readonly client: PlayheadClient;
  readonly store: JobsStore;
}

const Context = createContext<Playhead | null>(null);

/** @param props.client from `createClient`, made outside any component; closing it is up to you */
export function PlayheadProvider({
  children,
  client,
}: {
  readonly client: PlayheadClient;
  readonly children?: ReactNode;
}): ReactNode {
  const playhead = useMemo(() => ({ client, store: createJobsStore(client) }), [client]);
  useEffect(() => () => playhead.store.close(), [playhead]);
  return createElement(Context.Provider, { value: playhead }, children);
}

/** @throws Error outside of a PlayheadProvider */
export function usePlayhead(): Playhead {
  const playhead = useContext(Context);
  if (playhead === null) throw new Error('expected a <PlayheadProvider> around this component');
  return playhead;
}

/** The state of the connection; `idle` while nothing is followed, and on the server. */
export function useConnection(): ConnectionState {
  const { client } = usePlayhead();
  return useSyncExternalStore(
    (listener) => client.onConnection(listener),
    () => client.connection,
    () => IDLE,
  );
}

const IDLE: ConnectionState = { name: 'idle', transport: 'websocket' };
