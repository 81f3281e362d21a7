/** Stores a token: until the tab is closed, or on this device. Never in an address. */
const NAME = 'playhead.token';

interface KeptToken {
  readonly token: string;
  /** Whether it outlives the tab. */
  readonly onDevice: boolean;
}

/** The tab's own token takes precedence over the device's. */
export function readToken(): KeptToken | null {
  const own = attempt(() => sessionStorage.getItem(NAME));
  if (own !== null) return { token: own, onDevice: false };
  const shared = attempt(() => localStorage.getItem(NAME));
  return shared === null ? null : { token: shared, onDevice: true };
}

export function keepToken({ token, onDevice }: KeptToken): void {
  forgetToken(token);
  attempt(() => (onDevice ? localStorage : sessionStorage).setItem(NAME, token));
}

/** The device’s token is kept if it is a different one, from another tab. */
export function forgetToken(token: string): void {
  attempt(() => sessionStorage.removeItem(NAME));
  attempt(() => {
    if (localStorage.getItem(NAME) === token) localStorage.removeItem(NAME);
  });
}

/** Calls back when another tab has stored a token on this device, or forgotten it (null). */
export function watchToken(listener: (token: string | null) => void): void {
  addEventListener('storage', ({ key, newValue, storageArea }) => {
    if (key === NAME && storageArea === localStorage) listener(newValue);
  });
}

/** Storage may be blocked: a token then lasts until the page is left. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
