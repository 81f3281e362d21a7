/** Limits how many connections of one address a process holds. */
import { isIPv6 } from 'node:net';
import { nothing } from '../core/nothing.ts';

export class ConnectionLimit {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most Infinity: no limit */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a connection.
   * @param addressOf not called when there is no limit: a socket whose address was read keeps it in memory
   * @returns a function to call when the connection is over; null when there are too many
   */
  take(addressOf: () => string): (() => void) | null {
    return Number.isFinite(this.#most) ? this.#take(nameOf(addressOf())) : nothing;
  }

  #take(name: string): (() => void) | null {
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

/** A household has a whole /64 IPv6 network, so that counts as one address. */
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
