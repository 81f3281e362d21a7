import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { testWorkflow } from 'playhead/testing';
import { teleprompter } from './index.ts';

test('breaks a script into lines of at most 32 characters', async () => {
  const script = 'It was a bright cold day in April, and the clocks were striking thirteen.';
  const job = await testWorkflow(teleprompter, { input: { script } });
  assert.equal(job.status, 'COMPLETED');
  const lines = (await readFile(job.open('lines.txt'), 'utf8')).split('\n');
  assert.ok(lines.every((line) => line.length <= 32));
  assert.equal(lines.join('').replaceAll(' ', ''), script.replaceAll(' ', ''));
});
