/** @file From finished rows to the feature file: rows of unreadable pictures left out, sidecar beside it. */
import type { FileHandle } from 'node:fs/promises';
import { rename, rm } from 'node:fs/promises';
import { writeAtomically } from '../../files/atomic.ts';
import { openForReading, readFully, writeFully } from '../../files/bytes.ts';
import { unwritable } from '../../files/failures.ts';
import { encodeHeader, headerOf, npyDtypes } from '../../files/npy-header.ts';
import { type Sidecar, sidecarPath, writeSidecar } from './sidecar.ts';

/** Bytes copied at once. */
const BLOCK = 2 ** 24;

/**
 * Gives finished rows their place and name. May be repeated after a kill at any moment.
 *
 * @param rows npy file with a row for every picture; gone afterwards
 * @param dropped positions of the rows to leave out
 */
export async function publish(
  rows: string,
  path: string,
  dropped: ReadonlyMap<number, unknown>,
  sidecar: Sidecar,
): Promise<void> {
  // A sidecar never stands beside rows that it does not describe, not even for a moment.
  await rm(sidecarPath(path), { force: true });
  try {
    if (dropped.size === 0) await rename(rows, path);
    else {
      await copyRows(rows, path, dropped);
      await rm(rows);
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
  await writeSidecar(path, sidecar);
}

/** Copies an npy file without some of its rows. */
async function copyRows(from: string, to: string, dropped: ReadonlyMap<number, unknown>): Promise<void> {
  const { handle, size } = await openForReading(from);
  try {
    const { dtype, shape, offset } = await headerOf(from, handle, size);
    const [count, ...row] = shape;
    const rowBytes = row.reduce((product, length) => product * length, npyDtypes[dtype].bytes);
    await writeAtomically(to, async (file) => {
      const header = encodeHeader(dtype, [count - dropped.size, ...row]);
      await writeFully(file, header, 0);
      let position = header.length;
      for (const [first, end] of runsOf(count, dropped)) {
        await copyBytes(handle, file, offset + first * rowBytes, position, (end - first) * rowBytes);
        position += (end - first) * rowBytes;
      }
    });
  } finally {
    await handle.close();
  }
}

/** Runs of rows that stay: [first, end). */
function* runsOf(count: number, dropped: ReadonlyMap<number, unknown>): Generator<[number, number]> {
  let first = 0;
  for (let row = 0; row <= count; row++) {
    if (row < count && !dropped.has(row)) continue;
    if (row > first) yield [first, row];
    first = row + 1;
  }
}

async function copyBytes(
  from: FileHandle,
  to: FileHandle,
  source: number,
  target: number,
  count: number,
): Promise<void> {
  const block = Buffer.alloc(Math.min(BLOCK, count));
  for (let done = 0; done < count; done += block.length) {
    const part = block.subarray(0, Math.min(block.length, count - done));
    await readFully(from, part, source + done);
    await writeFully(to, part, target + done);
  }
}
