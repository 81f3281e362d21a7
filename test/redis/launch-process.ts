/** A process that owns a private Redis, for the launcher's tests: `launch-process.ts DATA_DIR BINARY [exit]`. */
import { launchRedis } from '../../src/redis/launcher.ts';

const [dataDir = '', binary = '', ending] = process.argv.slice(2);
const redis = await launchRedis({ dataDir, binary });
process.stdout.write(`${JSON.stringify({ pid: redis.pid, url: redis.url })}\n`);
if (ending === 'exit') process.exit(0);
