/** What goes with every request; the session (state/session.ts) gives it and hears when it is refused. */
export interface Credential {
  /** API key or token; null: none is sent. Never part of an address, a log or an error. */
  token: string | null;
  /** A request with this token was UNAUTHENTICATED. */
  onRefused: (token: string | null) => void;
}

export const credential: Credential = { token: null, onRefused: () => {} };
