/** What stands on a terminal's screen: bars through an outage and a lost history, a batch, and Ctrl-C in all its forms. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { openScribedApi } from '../web/scribed-api.ts';
import { type Playhead, startOnTerminal, startShellOnTerminal } from './playhead.ts';
import { screenOf } from './screen.ts';

const { api, scribe } = openScribedApi('cli');

const here = () => ({ url: api.url, project: unique('cli') });

/** Waits until the whole screen is right, which it may not be between two drawings. */
async function shows(
  command: Playhead,
  isRight: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  const look = async (): Promise<boolean> => {
    lines = await screenOf(command.out);
    return isRight(lines);
  };
  await until(look, { everyMs: 50 }).catch((error: unknown) => {
    throw new Error(`${String(error)}; the screen:\n${lines.join('\n')}`);
  });
  return lines;
}

/** The bars of a job: each once, in order, and nothing else but what is named. */
function barsOf(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => /[█░]/.test(line)).map((line) => line.trim().split(' ')[0] ?? '');
}

test('bars survive an outage: each stands once, the notice below them, and nothing of it stays', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = startOnTerminal(['watch', job.id], at);
  job.step('generate_videos', 0.1, 'Clip 1');
  // Until the last bar is there: what is read may be half of what is drawn.
  const isDrawn = (lines: readonly string[], clip: number): boolean =>
    lines.some((line) => line.includes(`Clip ${clip}`)) && lines.at(-1)?.includes('total') === true;
  await shows(command, (lines) => isDrawn(lines, 1));
  // What was shown may have been read before the stream began; this comes by the stream.
  job.step('generate_videos', 0.2, 'Clip 2');
  const bars = barsOf(await shows(command, (lines) => isDrawn(lines, 2)));
  expect(bars.at(-1)).toBe('total');
  expect(new Set(bars).size).toBe(bars.length);

  for (const round of [3, 4]) {
    await api.kill();
    const lost = await shows(command, (lines) => lines.at(-1)?.startsWith('Connection lost') === true);
    expect(barsOf(lost)).toEqual(bars);
    expect(lost.filter((line) => /connection/i.test(line))).toHaveLength(1);
    job.step('generate_videos', round / 10, `Clip ${round}`);
    await api.start();
    const back = await shows(command, (lines) => isDrawn(lines, round));
    expect(barsOf(back)).toEqual(bars);
  }

  await api.kill();
  await shows(command, (lines) => lines.at(-1)?.startsWith('Connection lost') === true);
  await scribe.loseHistory(at.project);
  job.step('render', 0.5, 'Rendering');
  await api.start();
  // The notice may be gone again before the screen is looked at.
  await until(() => command.out.includes('no longer available'));
  const anew = await shows(command, (lines) => lines.some((line) => line.includes('Rendering')));
  expect(barsOf(anew)).toEqual(bars);

  await job.fail('The disk is full', 'STORAGE_FAILED');
  const { code } = await command.ended();
  const ended = await screenOf(command.out);
  expect(code).toBe(1);
  expect(barsOf(ended)).toEqual(bars);
  expect(ended.filter((line) => /[Cc]onnection|no longer available/.test(line))).toEqual([]);
  expect(ended.join('\n')).toContain('Failed: STORAGE_FAILED: The disk is full');
});

test('a project on a terminal: what ended in a lost history is not shown as running', async () => {
  const at = here();
  const [one, two] = [await scribe.begin(at.project), await scribe.begin(at.project)];
  const command = startOnTerminal(['watch'], at);
  one.step('render', 0.5, 'Rendering one');
  await shows(command, (lines) => lines.some((line) => line.includes('Rendering one')));
  await api.kill();
  await shows(command, (lines) => lines.at(-1)?.startsWith('Connection lost') === true);
  await one.fail('The disk is full', 'STORAGE_FAILED');
  await scribe.loseHistory(at.project);
  two.step('render', 0.2, 'Rendering two');
  await api.start();
  const lines = await shows(command, (all) => all.some((line) => line.includes('The disk is full')));
  expect(lines.filter((line) => line.includes('Rendering one'))).toEqual([]);
  await two.close();
});

test('Ctrl-C under npm, which hands the signal on once more, is one press: it asks', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const command = startShellOnTerminal(`exec npm run --silent playhead -- watch ${job.id}`, {
    ...at,
    cwd: root,
  });
  await command.says('total');
  command.type('\x03');
  await command.says('Cancel the job as well? [y/N]');
  command.type('\r');
  expect((await command.ended()).code).toBe(130);
  expect(command.out).toContain('Interrupted; the job continues.');
  await job.close();
});

test('Ctrl-C while the server does not answer leaves, also when it was told to cancel the job', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = startOnTerminal(['watch', job.id], at);
  await command.says('total');
  command.type('\x03');
  await command.says('[y/N]');
  api.signal('SIGSTOP');
  command.type('y\r');
  // What is typed is shown once it is read, and asked for behind that.
  await shows(command, (lines) => lines.at(-1)?.endsWith('[y/N] y') === true);
  // A press that comes before the answer was taken belongs to the question.
  const { child } = command;
  await until(
    () => {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (!hasEnded) command.type('\x03');
      return hasEnded;
    },
    { everyMs: 1_000, what: 'the end of the command' },
  );
  expect((await command.ended()).code).toBe(130);
  api.signal('SIGCONT');
  await job.close();
});

test('before anything has come of a server that does not answer, Ctrl-C leaves', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const command = startOnTerminal(['watch', 'some-job'], { url, project: 'p' });
  const [socket] = (await once(server, 'connection')) as [Socket];
  command.type('\x03');
  await command.says('[y/N]');
  command.type('n\r');
  expect((await command.ended()).code).toBe(130);
  socket.destroy();
});
