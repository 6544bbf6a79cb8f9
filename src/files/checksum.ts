/** @file SHA-256 of a file, read in pieces so that the process stays responsive. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { unreadable } from './failures.ts';

/** @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE */
export async function checksumOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    });
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return { bytes, sha256: hash.digest('hex') };
}
