/** How many connections of one address a process holds. */
import { isIPv6 } from 'node:net';

export class ConnectionLimit {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most Infinity: any */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a connection. @returns call it when the connection is over; null when there are too many */
  take(address: string): (() => void) | null {
    const name = nameOf(address);
    const count = this.#counts.get(name) ?? 0;
    if (count >= this.#most) return null;
    this.#counts.set(name, count + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      const left = (this.#counts.get(name) ?? 1) - 1;
      if (left > 0) this.#counts.set(name, left);
      else this.#counts.delete(name);
    };
  }
}

/** A household has a whole IPv6 network of 64 bits, so that counts as one. */
function nameOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const front = head.split(':').filter((group) => group !== '');
  const back = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return [...front, ...(tail === undefined ? [] : zeros), ...back]
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
