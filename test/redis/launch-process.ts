/** A process that owns a private Redis, for the launcher's tests: `launch-process.ts DATA_DIR BINARY [ENDING [START_TIMEOUT_MS]]`. */
import { launchRedis } from '../../src/redis/launcher.ts';

const [dataDir = '', binary = '', ending, startTimeoutMs = 15_000] = process.argv.slice(2);
const redis = await launchRedis({ dataDir, binary, startTimeoutMs: Number(startTimeoutMs) });
process.stdout.write(`${JSON.stringify({ pid: redis.pid, url: redis.url, origin: redis.origin })}\n`);
if (ending === 'exit') process.exit(0);
if (ending === 'exit on a line of stdin') process.stdin.once('data', () => process.exit(0));
if (ending === 'stop on a line of stdin') process.stdin.once('data', () => void redis.stop());
process.once('SIGTERM', () => void redis.stop().then(() => process.exit(0)));
