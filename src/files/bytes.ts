/** @file Whole reads and writes at a position: the system may do less than asked, these do all of it or fail. */
import { readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { DiptychError } from '../errors/error.ts';
import { unreadable } from './failures.ts';

/** The system refuses to move more than 2^31 - 4096 bytes at once. */
const CHUNK = 2 ** 30;

/** The bytes under a typed array. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * Opens a file for reading, after asking what it is: opening a pipe would wait for ever.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE (also for a folder or a device)
 */
export async function openForReading(path: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const found = await stat(path);
    if (found.isFile()) return { handle: await open(path, 'r'), size: found.size };
    const reason = found.isDirectory() ? 'a folder' : 'not a file';
    throw new DiptychError('DIPTYCH_FILE_UNREADABLE', { path, reason });
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Fills `target` from `position` on; returns how many bytes there were, fewer only at the end of the file. */
export async function readFully(handle: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(CHUNK, target.length - done);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** `readFully` without a promise, for code that runs in a worker of its own. */
export function readFullySync(descriptor: number, target: Uint8Array, position: number): number {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(CHUNK, target.length - done);
    const bytesRead = readSync(descriptor, target, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** Writes all of `source` at `position`. */
export async function writeFully(handle: FileHandle, source: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < source.length) {
    const length = Math.min(CHUNK, source.length - done);
    const { bytesWritten } = await handle.write(source, done, length, position + done);
    done += bytesWritten;
  }
}

/**
 * Makes a typed array of `bytes` bytes.
 *
 * @throws DIPTYCH_FILE_TOO_LARGE if the engine cannot make one that long
 */
export function allocate<A>(path: string, bytes: number, make: () => A): A {
  try {
    return make();
  } catch (cause) {
    throw new DiptychError('DIPTYCH_FILE_TOO_LARGE', { path, bytes }, { cause });
  }
}

/** The product of a shape, or undefined if a size is no count or the product is beyond exact integers. */
export function elementsOf(shape: readonly number[]): number | undefined {
  let elements = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    elements *= size;
  }
  // A size of 0 hides an overflow of the others, so these are multiplied on their own.
  const others = shape.reduce((product, size) => (size === 0 ? product : product * size), 1);
  return Number.isSafeInteger(others) ? elements : undefined;
}
