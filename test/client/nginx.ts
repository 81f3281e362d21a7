/** A real nginx before a server, with a configuration of the test's own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from '../../src/redis/instance.ts';
import { find, missing, NGINX } from '../../src/settings/programs.ts';
import { until } from '../setup/deadline.ts';

/** @param http what stands in `http { … }`, with PORT for the one to listen at @throws PlayheadError TOOL_MISSING */
export async function startNginx(http: string): Promise<{ readonly url: string }> {
  const program = find(NGINX);
  if (program === undefined) throw missing(NGINX);
  const folder = mkdtempSync(join(tmpdir(), 'playhead-nginx-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const kept = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, `events {}\nhttp {\n${kept.join('\n')}\n${http.replaceAll('PORT', `${port}`)}\n}\n`);
  // One process, under the test's own user.
  const globals = `daemon off; master_process off; pid ${folder}/pid;`;
  const args = ['-p', folder, '-e', `${folder}/error.log`, '-c', config, '-g', globals];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  await until(() => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    return answers(port);
  });
  return { url: `http://127.0.0.1:${port}` };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
