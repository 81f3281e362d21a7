/** Sent with every request; the session (state/session.ts) provides it and is notified when it is refused. */
export interface Credential {
  /** The API key or token; null: none is sent. Never part of an address, a log or an error. */
  token: string | null;
  /** Called when a request with this token was UNAUTHENTICATED. */
  onRefused: (token: string | null) => void;
}

export const credential: Credential = { token: null, onRefused: () => {} };
