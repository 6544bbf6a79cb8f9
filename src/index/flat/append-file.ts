/** @file A file that only grows. What counts as its content is the extent that the manifest has committed. */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { readFully, writeFully } from '../../files/bytes.ts';
import { isSystemError, unreadable, unwritable } from '../../files/failures.ts';
import { damaged } from '../manifest-file.ts';
import { type Extent, emptyExtent } from './manifest.ts';

const CHUNK = 1 << 22;

export class AppendFile {
  readonly path: string;
  private readonly handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  /** An empty file, in the place of what a crash or a failed write may have left. @throws DIPTYCH_FILE_UNWRITABLE */
  static async create(path: string): Promise<AppendFile> {
    const handle = await open(path, 'w+').catch((cause) => Promise.reject(unwritable(path, cause)));
    return new AppendFile(path, handle);
  }

  /**
   * Opens a file of which `extent` is committed. A writer cuts off what a crash left behind it.
   *
   * @throws DIPTYCH_INDEX_DAMAGED if it is missing or shorter than that
   */
  static async open(path: string, extent: Extent, write: boolean): Promise<AppendFile> {
    const handle = await open(path, write ? 'r+' : 'r').catch((cause) => {
      throw isSystemError(cause) && cause.code === 'ENOENT' ? damaged(path, 'missing', cause) : unreadable(path, cause);
    });
    try {
      const { size } = await handle.stat();
      if (size < extent.bytes) throw damaged(path, `${size} bytes instead of ${extent.bytes}`);
      if (write && size > extent.bytes) await handle.truncate(extent.bytes);
      return new AppendFile(path, handle);
    } catch (cause) {
      await handle.close();
      throw unreadable(path, cause);
    }
  }

  /** Writes behind an extent and returns the longer extent. It counts once it is synced and a manifest says so. */
  async append(extent: Extent, bytes: Uint8Array): Promise<Extent> {
    await writeFully(this.handle, bytes, extent.bytes).catch((cause) => Promise.reject(unwritable(this.path, cause)));
    return { bytes: extent.bytes + bytes.length, crc: crc32(bytes, extent.crc) };
  }

  /** Makes what was written durable. */
  async sync(): Promise<void> {
    await this.handle.sync().catch((cause) => Promise.reject(unwritable(this.path, cause)));
  }

  /** Fills `target` from `position` on. @throws DIPTYCH_INDEX_DAMAGED if the file ends before */
  async read(target: Uint8Array, position: number): Promise<void> {
    const done = await readFully(this.handle, target, position).catch((cause) => {
      throw unreadable(this.path, cause);
    });
    if (done < target.length) throw damaged(this.path, `ends at byte ${position + done}`);
  }

  /** Reads what `extent` has behind `from` into its place in `target`, checked. @throws DIPTYCH_INDEX_DAMAGED */
  async load(target: Uint8Array, from: Extent, extent: Extent): Promise<void> {
    let crc = from.crc;
    for (let at = from.bytes; at < extent.bytes; at += CHUNK) {
      const piece = target.subarray(at, Math.min(at + CHUNK, extent.bytes));
      await this.read(piece, at);
      crc = crc32(piece, crc);
    }
    if (crc !== extent.crc) throw damaged(this.path, 'its checksum differs');
  }

  /** The same bytes piece by piece, each good until the next is asked for; checked after the last. */
  async *pieces(extent: Extent, from: Extent = emptyExtent): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, extent.bytes - from.bytes));
    let crc = from.crc;
    for (let at = from.bytes; at < extent.bytes; ) {
      const piece = buffer.subarray(0, Math.min(buffer.length, extent.bytes - at));
      await this.read(piece, at);
      crc = crc32(piece, crc);
      yield piece;
      at += piece.length;
    }
    if (crc !== extent.crc) throw damaged(this.path, 'its checksum differs');
  }

  /** Reads an extent and compares its checksum. @throws DIPTYCH_INDEX_DAMAGED */
  async verify(extent: Extent): Promise<void> {
    let bytes = 0;
    for await (const piece of this.pieces(extent)) bytes += piece.length;
    if (bytes !== extent.bytes) throw damaged(this.path, `${bytes} bytes instead of ${extent.bytes}`);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
