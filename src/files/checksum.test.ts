import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';
import { checksumOf } from './checksum.ts';

test.each([0, 1, 2 ** 20, 3 * 2 ** 20 + 5])('a file of %i bytes has the checksum of its content', async (bytes) => {
  const content = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * i) % 251));
  const path = join(temporaryFolder(), 'file');
  const whole = Buffer.alloc(bytes, content);
  writeFileSync(path, whole);
  expect(await checksumOf(path)).toEqual({ bytes, sha256: createHash('sha256').update(whole).digest('hex') });
});

test('a file that is not there, or is none, is refused', async () => {
  const folder = temporaryFolder();
  await expect(checksumOf(join(folder, 'gone'))).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
  await expect(checksumOf(folder)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNREADABLE' });
});
