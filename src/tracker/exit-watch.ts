/**
 * Handles unsent reports at the end of a process: once nothing else is left to do, the process waits for them for a limited
 * time, and logs what could not be sent. Signals are left to the program: a library must not change what they do.
 */

/** A connection that may hold unsent reports. */
interface Watched {
  /** Sends what is left, within a time limit of its own. */
  drain(): Promise<void>;
  /** Logs what is left, synchronously. */
  sayUnsent(): void;
}

const watched = new Set<Watched>();

/** @returns a function that ends the watch */
export function watchExit(connection: Watched): () => void {
  if (watched.size === 0) {
    process.on('beforeExit', drainAll);
    process.on('exit', sayAll);
  }
  watched.add(connection);
  return () => {
    watched.delete(connection);
    if (watched.size > 0) return;
    process.off('beforeExit', drainAll);
    process.off('exit', sayAll);
  };
}

/** Node emits `beforeExit` again when the work begun here has ended; a connection drains only once. */
function drainAll(): void {
  // Never rejects.
  for (const connection of watched) void connection.drain();
}

function sayAll(): void {
  for (const connection of watched) connection.sayUnsent();
}
