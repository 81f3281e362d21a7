/** Failures of the disk, in words that say what to do. */
import { expect, test } from 'vitest';
import { isStorageFailure, storageFailure, storageReason } from '../../src/core/storage-failure.ts';

const fault = (code: string): Error => Object.assign(new Error(`${code}: the system’s words`), { code });

test.each([
  ['ENOSPC', 'the disk is full (ENOSPC). Make room'],
  ['EDQUOT', 'quota'],
  ['EROFS', 'read-only (EROFS). Mount it writable'],
  ['EMFILE', 'ulimit -n'],
  ['ENFILE', 'fs.file-max'],
])('%s is told with its remedy, as the disk’s', (code, words) => {
  const failure = storageFailure('the file could not be written', fault(code));
  expect(failure).toMatchObject({ code: 'STORAGE_FAILED', cause: { code } });
  expect(failure.message).toMatch(/^the file could not be written: /);
  expect(failure.message).toContain(words);
  expect(isStorageFailure(fault(code))).toBe(true);
});

test('any other is told in the system’s own words', () => {
  expect(storageReason(fault('EACCES'))).toBe('EACCES: the system’s words');
  expect(storageReason('nothing is known')).toBe('nothing is known');
  for (const error of [fault('EACCES'), fault('toString'), new Error('none'), { code: 'ENOSPC' }, null])
    expect(isStorageFailure(error)).toBe(false);
});
