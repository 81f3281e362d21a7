import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WatchedProject } from '../../src/operator/watched-project.ts';

test.each([
  ['exits', 'process.exit(3)', 'code 3'],
  ['is killed', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1_000)', 'SIGKILL'],
])(
  'a project by whose code the process that loads it %s can’t be loaded, and how that ended is told',
  async (_, code, how) => {
    const root = await mkdtemp(join(tmpdir(), 'playhead-watched-'));
    try {
      await writeFile(join(root, 'playhead.config.ts'), `${code};\nawait new Promise(() => {});\n`);
      expect(await new WatchedProject(root, process.env).look()).toMatchObject({
        isLoadable: false,
        faults: [`expected a project that can be loaded; it has ended the process (${how})`],
      });
    } finally {
      await rm(root, { recursive: true });
    }
  },
);
