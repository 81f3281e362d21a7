/** Following, cancelling and listing jobs of a real API; a scribe writes what a worker would. */
import { expect, test } from 'vitest';
import { unique } from '../setup/harness.ts';
import { openScribedApi } from '../web/scribed-api.ts';
import { jsonLines, run, start, startOnTerminal } from './playhead.ts';

const { api, redis, scribe } = openScribedApi('cli');
const SCRIPT_RESULT = {
  type: 'ScriptResult',
  ...{ title: 'Light\u001b[2Jhouses', text: '# Lighthouses\nMIRA: Light!\n', scenes: 1 },
  ...{ estimatedDuration: 8.2, totalCostUsd: 0 },
};

function here(): { readonly url: string; readonly project: string } {
  return { url: api.url, project: unique('cli') };
}

function scriptOf(project: string, id: string) {
  const path = `${project}/${id}/script.txt`;
  return { ...SCRIPT_RESULT, script: { path, contentType: 'text/plain', sizeBytes: 28 } };
}

async function statusOf({ url, project }: { url: string; project: string }, id: string): Promise<unknown> {
  const { out } = await run(['jobs', '--json'], { url, project });
  return jsonLines(out)
    .map(({ job }) => job as { id: string; status: string })
    .find((job) => job.id === id)?.status;
}

test('watch prints plain lines when piped, then what became of the job; control characters of others are left out', async () => {
  const at = here();
  const job = await scribe.begin(at.project, 'WRITER');
  const command = start(['watch', job.id], at);
  job.step('outline', 0.5, 'Making\u001b[31m an outline');
  await command.says('outline           Making an outline');
  await command.says(/^ 25 % {2}outline/m);
  await job.complete(scriptOf(at.project, job.id));
  const { code, out, err } = await command.ended();
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('the script “Lighthouses”, 1 scene');
  expect(out).toContain(`${api.url}/files/${at.project}/${job.id}/script.txt`);
  expect(out).toContain('MIRA: Light!');
  expect(out).not.toContain('\u001b');
  await job.close();
});

test('jobs names one whose record is broken, with the reason, and lists the others', async () => {
  const at = here();
  const [broken, good] = [await scribe.begin(at.project, 'WRITER'), await scribe.begin(at.project, 'AUDIO')];
  await redis.hset(scribe.keys.project(at.project).job(broken.id), 'steps', '{broken');
  const listed = await run(['jobs'], at);
  expect([listed.code, listed.err]).toEqual([0, '']);
  const reason = 'RECORD_DAMAGED: steps: expected JSON';
  expect(listed.out).toContain(
    `${broken.id} cannot be shown: its stored record cannot be read (${reason})\n`,
  );
  expect(listed.out).toContain(good.id);
  const lines = jsonLines((await run(['jobs', '--json', '--first', '2'], at)).out);
  expect(lines).toMatchObject([
    { type: 'job', job: { id: good.id } },
    { type: 'unreadable', id: broken.id, code: 'RECORD_DAMAGED', reason: 'steps: expected JSON' },
  ]);
  const alone = await run(['watch', broken.id], at);
  expect([alone.code, alone.out]).toEqual([1, '']);
  expect(alone.err).toContain('steps: expected JSON');
  expect(alone.err).toContain('Start a new job');
  await Promise.all([broken.close(), good.close()]);
});

test('--json gives one object per line: the snapshot, each event, the last snapshot', async () => {
  const at = here();
  const job = await scribe.begin(at.project, 'WRITER');
  const command = start(['watch', job.id, '--json'], at);
  await command.says('ProgressEvent');
  await job.complete(scriptOf(at.project, job.id));
  const { code, out } = await command.ended();
  const lines = jsonLines(out);
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ type: 'job', job: { id: job.id, status: 'RUNNING' } });
  expect(lines.at(-2)).toMatchObject({ type: 'event', event: { __typename: 'CompletionEvent' } });
  expect(lines.at(-1)).toMatchObject({ type: 'job', job: { status: 'COMPLETED', result: { scenes: 1 } } });
  await job.close();
});

test('--json gives one line for a job that has ended already', async () => {
  const at = here();
  const job = await scribe.begin(at.project, 'WRITER');
  await job.complete(scriptOf(at.project, job.id));
  const { code, out } = await run(['watch', job.id, '--json'], at);
  expect(code).toBe(0);
  expect(jsonLines(out)).toMatchObject([{ type: 'job', summary: 'done', job: { status: 'COMPLETED' } }]);
});

test('a job that failed: exit code 1, its code, and how to try again', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = start(['watch', job.id], at);
  await command.says('0 %');
  await job.fail('The disk is full', 'STORAGE_FAILED');
  const { code, out } = await command.ended();
  expect(code).toBe(1);
  expect(out).toContain('Failed: STORAGE_FAILED: The disk is full');
  expect(out).toContain(`retry ${job.id}`);
  expect((await run(['watch', job.id], at)).code).toBe(1);
});

test('the server dies and comes back: it says so, and goes on behind the last event', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = start(['watch', job.id, '--json'], at);
  await command.says('"event"');
  job.step('generate_videos', 0.1, 'Clip 1');
  await command.says('Clip 1');
  await api.kill();
  await command.says('reconnecting');
  job.step('generate_videos', 0.5, 'Clip 2');
  job.step('render', 0.5, 'Rendering');
  await api.start();
  await command.says('Rendering');
  await job.fail('Enough', 'PROVIDER_FAILED');
  const { code, out } = await command.ended();
  expect(code).toBe(1);
  const lines = jsonLines(out);
  const ids = lines.filter(({ type }) => type === 'event').map(({ event }) => (event as { id: string }).id);
  expect(new Set(ids).size).toBe(ids.length);
  const states = lines.filter(({ type }) => type === 'connection').map(({ state }) => state);
  expect([states[0], states.at(-1)]).toEqual(['reconnecting', 'live']);
  expect(states).not.toContain('started over');
});

test('lost history: it says so, goes on from the present state and ends', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = start(['watch', job.id], at);
  await command.says('0 %');
  job.step('generate_videos', 0.1, 'Clip 1');
  await command.says('Clip 1');
  // What was shown may have been read before the stream began; this comes by the stream.
  job.step('lipsync', 0.1, 'Lips');
  await command.says('Lips');
  await api.kill();
  await command.says('Connection lost; the job does not depend on it.');
  await scribe.loseHistory(at.project);
  job.step('render', 0.5, 'Rendering');
  await api.start();
  await command.says('The events in between are no longer available');
  await job.fail('The disk is full', 'STORAGE_FAILED');
  const { code, out } = await command.ended();
  expect(code).toBe(1);
  expect(out).toContain('Failed: STORAGE_FAILED: The disk is full');
});

test('piped, an interrupt leaves the job running and says how to watch and cancel it: exit code 130', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = start(['watch', job.id, '--project', at.project], { url: at.url });
  await command.says('0 %');
  command.child.kill('SIGINT');
  const { code, err } = await command.ended();
  expect(code).toBe(130);
  expect(err).toContain('Interrupted; the job continues.');
  expect(err).toContain(`cancel ${job.id} --project ${at.project}`);
  expect(await statusOf(at, job.id)).toBe('RUNNING');
  await job.close();
});

test('an interrupt while the server is away ends with 130 too', async () => {
  const at = here();
  const jobs = await Promise.all([scribe.begin(at.project), scribe.begin(at.project)]);
  const commands = jobs.map(({ id }) => start(['watch', id], at));
  for (const command of commands) await command.says('0 %');
  await api.kill();
  for (const command of commands) await command.says('Reconnecting');
  for (const command of commands) command.child.kill('SIGINT');
  for (const command of commands) {
    const { code, err } = await command.ended();
    expect([code, err]).toEqual([130, expect.stringContaining('Interrupted; the job continues.')]);
  }
  await api.start();
  await Promise.all(jobs.map((job) => job.close()));
});

test('on a terminal there is a bar per step, and Ctrl-C asks: no leaves the job running', async () => {
  const at = here();
  const job = await scribe.begin(at.project);
  const command = startOnTerminal(['watch', job.id], at);
  job.step('generate_videos', 0.5, 'Generating clips (2/4)');
  await command.says(/generate_videos █{12}░{12} {2}50% {2}Generating clips \(2\/4\)/);
  await command.says(/total {10}.* {2}35%/);
  command.type('\x03');
  await command.says('Cancel the job as well? [y/N]');
  command.type('\r');
  const { code, out } = await command.ended();
  expect(code).toBe(130);
  expect(out).toContain('Interrupted; the job continues.');
  expect(await statusOf(at, job.id)).toBe('RUNNING');
  await job.close();
});

test('Ctrl-C and yes cancels the job and waits for its end; Ctrl-C twice leaves at once', async () => {
  const at = here();
  const [kept, cancelled] = [await scribe.begin(at.project), await scribe.begin(at.project)];
  const [leaver, canceller] = [kept, cancelled].map(({ id }) => startOnTerminal(['watch', id], at));
  for (const command of [leaver, canceller]) {
    await command?.says('total');
    command?.type('\x03');
    await command?.says('[y/N]');
  }
  leaver?.type('\x03');
  canceller?.type('y\r');
  expect((await leaver?.ended())?.code).toBe(130);
  const ended = await canceller?.ended();
  expect(ended?.code).toBe(130);
  expect(ended?.out).toContain('Cancelled.');
  expect(await Promise.all([kept, cancelled].map(({ id }) => statusOf(at, id)))).toEqual([
    'RUNNING',
    'CANCELLED',
  ]);
  await Promise.all([kept.close(), cancelled.close()]);
});

test('a job that waits says its place in the queue; on a terminal it is asked for again', async () => {
  const at = here();
  const enqueue = async (): Promise<string> => (await run(['write', 'It rains.', '--detach'], at)).out.trim();
  const [first, second] = [await enqueue(), await enqueue()];
  const [piped, terminal] = [start(['watch', second], at), startOnTerminal(['watch', second], at)];
  await piped.says(/^ {2}0 % {2}2nd in the queue$/m);
  await terminal.says(/total .* 2nd in the queue/);
  await run(['cancel', first], at);
  await terminal.says(/total .* 1st in the queue/);
  await run(['cancel', second], at);
  expect((await Promise.all([piped.ended(), terminal.ended()])).map(({ code }) => code)).toEqual([1, 1]);
});

test('watch without a job follows all jobs of the project, those to come included', async () => {
  const at = here();
  const first = await scribe.begin(at.project);
  const command = start(['watch'], at);
  await command.says(`${first.id}  video_generation`);
  const second = await scribe.begin(at.project, 'WRITER');
  await command.says(`${second.id}  script_writing`);
  await second.fail('No idea', 'INVALID_INPUT');
  await command.says('failed: INVALID_INPUT No idea');
  command.child.kill('SIGINT');
  expect((await command.ended()).code).toBe(130);
  await Promise.all([first.close(), second.close()]);
});

test('jobs lists the newest first, filtered; cancel and retry change them; what cannot be is said', async () => {
  const at = here();
  const [old, young] = [await scribe.begin(at.project, 'WRITER'), await scribe.begin(at.project)];
  const listed = await run(['jobs'], at);
  expect(listed.out.split('\n').map((line) => line.split(' ')[0])).toEqual(['JOB', young.id, old.id, '']);
  const filtered = await run(['jobs', '--workflow', 'WRITER', '--status', 'RUNNING', 'QUEUED', '--json'], at);
  expect(jsonLines(filtered.out)).toMatchObject([{ type: 'job', job: { id: old.id } }]);
  expect(jsonLines((await run(['jobs', '--first', '1', '--json'], at)).out)).toHaveLength(1);

  const notYet = await run(['retry', old.id], at);
  expect([notYet.code, notYet.err]).toEqual([1, expect.stringContaining('RUNNING')]);
  expect(notYet.err.match(/cancel it first/g), 'one fix, the server’s').toHaveLength(1);
  const cancelled = await run(['cancel', old.id], at);
  expect([cancelled.code, cancelled.out]).toEqual([0, `script_writing ${old.id} is cancelled.\n`]);
  const retried = await run(['retry', old.id, '--detach', '--json'], at);
  expect(retried.code).toBe(0);
  expect(jsonLines(retried.out)).toMatchObject([{ type: 'job', job: { status: 'QUEUED', attempt: 2 } }]);
  await young.fail('No', 'INVALID_INPUT');
  const ended = await run(['cancel', young.id], at);
  expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('has already ended')]);
  const unknown = await run(['watch', 'nothing'], at);
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('There is no job nothing')]);
  const none = await run(['download', young.id], at);
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('is FAILED and has no files')]);
  await Promise.all([old.close(), young.close()]);
});

test('jobs tells a job that has no title by the beginning of what it was given', async () => {
  const at = here();
  await run(['write', 'Bees make honey. They live in hives.', '--detach'], at);
  expect((await run(['jobs'], at)).out).toContain('  Bees make honey. They live in h…  ');
});

test('a request that the server refuses is wrong usage; the same idempotency key starts one job', async () => {
  const at = here();
  const refused = await run(['video', '-'], { ...at, input: '[nobody says a word]' });
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('input.script')]);
  const args = ['write', 'How lighthouses work.', '--detach', '--idempotency-key', 'once'];
  const ids = await Promise.all([run(args, at), run(args, at)]);
  expect(ids.map(({ code }) => code)).toEqual([0, 0]);
  expect(ids[0]?.out).toMatch(/^[0-9a-f-]{36}\n$/);
  expect(ids[0]?.out).toBe(ids[1]?.out);
});
