/** Watches what a Redis carries out, command by command. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/**
 * Watches until the test ends. It uses a plain socket, since ioredis' monitor fails if another client's command arrives in
 * the same packet as the OK to its MONITOR.
 * @param onCommand called with the words of each command, as escaped by MONITOR
 */
export async function monitorRedis(
  redisUrl: string,
  onCommand: (words: readonly string[]) => void,
): Promise<void> {
  const { hostname, password, port, username } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket });
  const commands = password === '' ? ['MONITOR'] : [`AUTH ${username || 'default'} ${password}`, 'MONITOR'];
  for (const command of commands) {
    socket.write(`${command}\r\n`);
    const [answer] = (await once(lines, 'line')) as [string];
    if (answer !== '+OK') throw new Error(`expected +OK to ${command}, received ${answer}`);
  }
  lines.on('line', (line) => {
    onCommand([...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => word));
  });
}
