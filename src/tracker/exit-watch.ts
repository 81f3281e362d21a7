/**
 * What is not sent when a process comes to its end: it waits for a limited time where nothing else is left to do, and says
 * what it could not send. Signals are left to the program: a library must not change what they do.
 */

/** A connection that may hold something back. */
interface Watched {
  /** Sends what is left, within a limit of its own. */
  drain(): Promise<void>;
  /** Says what is left, at once. */
  sayUnsent(): void;
}

const watched = new Set<Watched>();

/** @returns ends the watch */
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

/** Node emits it again when what is begun here has ended; a connection drains once. */
function drainAll(): void {
  // Never rejects.
  for (const connection of watched) void connection.drain();
}

function sayAll(): void {
  for (const connection of watched) connection.sayUnsent();
}
